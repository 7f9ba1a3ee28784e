import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from './testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.answer('product create cam --hardware cam-rev-b');
  await cli.answer(`key create --product cam --name main --out ${cli.inside('cam.key.pem')}`);
});
afterAll(() => cli.stop());

test('progress that nobody reads any more ends no upload in its middle', async () => {
  const files = [cli.inside('cam.bin'), '--key', cli.inside('cam.key.pem')];
  const child = spawn(
    process.execPath,
    ['cli/main.ts', 'release', 'push', ...files, '--product', 'cam', '--version', '2.1.0'],
    {
      cwd: path.resolve(import.meta.dirname, '..'),
      env: { ...process.env, EVENKEEL_CONFIG: cli.inside('targets.json') },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  child.stderr.destroy();
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  expect(await cli.answer('release show cam/2.1.0')).toMatchObject({ state: 'verified' });
});
