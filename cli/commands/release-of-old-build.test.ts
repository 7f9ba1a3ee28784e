import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

/** As `$(cat VERSION)` made of a file with lines that end with CR and LF, and as a web page has it. */
const VERSIONS = ['2.0.0\r', '2.0.1\u00a0'];

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.publishRelease();
  const table = cli.host.serving.host.resources.table('evenkeel-test-firmware');
  const pk = 'P#acme#cam';
  const [row] = await table.get([{ pk, sk: 'release#2.1.0' }], { consistent: true });
  for (const [at, version] of VERSIONS.entries()) {
    const sequence = 10 + at;
    await table.write({ put: { ...row, pk, sk: `release#${version}`, version, sequence } });
    await table.write({
      put: { pk, sk: `sequence#${String(sequence).padStart(10, '0')}`, sequence, version },
    });
  }
});
afterAll(() => cli.stop());

test('a release whose version ends with white space is listed, shown and revoked by the name in the list', async () => {
  const { releases } = await cli.answer('release list --product cam');
  expect(releases).toMatchObject([
    { release: 'cam/2.0.1%C2%A0', version: '2.0.1\u00a0' },
    { release: 'cam/2.0.0%0D', version: '2.0.0\r' },
    { release: 'cam/2.1.0' },
  ]);
  expect(await cli.answer('release show cam/2.0.0%0D')).toMatchObject({ version: '2.0.0\r' });
  for (const name of ['cam/2.0.0%0D', 'cam/2.0.1%C2%A0']) {
    const revoked = await cli.answer(`release revoke ${name} --reason unusable`);
    expect(revoked).toMatchObject({ release: name, state: 'revoked' });
  }
  expect(await cli.run('release show cam/2.0.0%FF')).toMatchObject({ exitCode: 2, out: '' });
});
