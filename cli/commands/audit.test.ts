import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliBench, startCliBench } from '../testing/cli-bench.ts';

const toPem = { type: 'spki', format: 'pem' } as const;
let bench: CliBench;
beforeAll(async () => {
  bench = await startCliBench();
  await bench.publishRelease();
  const document = 'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n';
  await writeFile(bench.inside('rollout.yaml'), document);
  await bench.answer(`rollout create ${bench.inside('rollout.yaml')}`);
  await bench.run('rollout launch last --yes');
  await bench.run('rollout pause last --reason lunch');
});
afterAll(() => bench.stop());

/** Verifies until everything is sealed, which takes the host moments. */
async function sealedAudit() {
  for (;;) {
    const answer = await bench.answer('audit last --verify');
    if (answer.waiting === 0) return answer;
  }
}

describe('the audit log', () => {
  test('says who decided what, and why', async () => {
    const { exitCode, out } = await bench.run('audit last');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^WHEN +WHO +WHAT +THEN +WHY\n/);
    expect(out).toMatch(/operator:\S+ +create +draft\n.* launch +running\n.* pause +paused +lunch\n$/s);
  });

  test('is verified, for scripts and for people', async () => {
    expect(await sealedAudit()).toMatchObject({
      sealed: 3,
      faults: [],
      entries: [{ action: 'create' }, {}, {}],
    });
    const { exitCode, out } = await bench.run('audit last --verify');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/verified: 3 of 3 entries in a chain of \d seals, the last made .* ago\n$/);
  });

  test('holds with the public half of the key of this home, and with no other', async () => {
    await sealedAudit();
    const key = await readFile(path.join(bench.host.directory, 'secrets', 'seal.key'), 'utf8');
    const own = bench.inside('own.pem');
    await writeFile(own, createPublicKey(key).export(toPem));
    const held = await bench.run(`audit last --verify --key ${own}`);
    expect([held.exitCode, held.out]).toEqual([0, expect.stringContaining('verified: 3 of 3')]);
    const other = bench.inside('other.pem');
    await writeFile(other, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export(toPem));
    const refused = await bench.run(`audit last --verify --key ${other}`);
    expect(refused.exitCode).toBe(1);
    expect(refused.out).toMatch(
      /NOT as it was sealed:\n- seal 1 was signed with the key [0-9a-f]{64}, which is none/,
    );
  });

  test('is found to have been changed', async () => {
    const { entries } = await sealedAudit();
    const { id, rollout } = entries[1];
    const table = bench.host.serving.host.resources.table('evenkeel-test-rollouts');
    const key = { pk: `R#${rollout}`, sk: `audit#${id}` };
    await table.write({ update: key, set: { actor: 'operator:eve' } });
    const { exitCode, out } = await bench.run('audit last --verify');
    expect([exitCode, out]).toEqual([1, expect.stringContaining(`- entry ${id} is not what was sealed\n`)]);
  });

  test('takes a public key and nothing else, and only to verify', async () => {
    await writeFile(bench.inside('none.pem'), 'none');
    const bad = [
      [`audit last --verify --key ${bench.inside('none.pem')}`, 'holds no public key in PEM'],
      [
        `audit last --verify --key ${path.join(bench.host.directory, 'secrets', 'seal.key')}`,
        'give its public half',
      ],
      [`audit last --key ${bench.inside('none.pem')}`, '--key is for --verify'],
    ];
    for (const [line = '', rule = ''] of bad) {
      const { exitCode, err } = await bench.run(line);
      expect([exitCode, err]).toEqual([2, expect.stringContaining(rule)]);
    }
  });
});
