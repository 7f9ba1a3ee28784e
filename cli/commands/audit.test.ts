import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const toPem = { type: 'spki', format: 'pem' } as const;
let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.launchRollout();
  await cli.run('rollout pause last --reason lunch');
  await cli.answer(
    `device register cam-0017 --product cam --hardware cam-rev-b --out ${cli.inside('cam-0017')}`,
  );
  await cli.answer('device tag cam-0017 lab hall-3');
  await cli.answer('device tag cam-0017 --none');
  await cli.answer('device decommission cam-0017');
});
afterAll(() => cli.stop());

/** Verifies until everything is sealed, which takes the host moments. */
async function sealedAudit(of = 'last') {
  for (;;) {
    const answer = await cli.answer(`audit ${of} --verify`);
    if (answer.waiting === 0) return answer;
  }
}

describe('the audit log', () => {
  test('says who decided what, and why', async () => {
    const { exitCode, out } = await cli.run('audit last');
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
    const { exitCode, out } = await cli.run('audit last --verify');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/verified: 3 of 3 entries in a chain of \d seals, the last made .* ago\n$/);
  });

  test('holds with the public half of the key of this home, and with no other', async () => {
    await sealedAudit();
    const key = await readFile(path.join(cli.host.directory, 'secrets', 'seal.key'), 'utf8');
    const own = cli.inside('own.pem');
    await writeFile(own, createPublicKey(key).export(toPem));
    const held = await cli.run(`audit last --verify --key ${own}`);
    expect([held.exitCode, held.out]).toEqual([0, expect.stringContaining('verified: 3 of 3')]);
    const other = cli.inside('other.pem');
    await writeFile(other, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export(toPem));
    const refused = await cli.run(`audit last --verify --key ${other}`);
    expect(refused.exitCode).toBe(1);
    expect(refused.out).toMatch(
      /NOT as it was sealed:\n- seal 1 was signed with the key [0-9a-f]{64}, which is none/,
    );
  });

  test('is found to have been changed', async () => {
    const { entries } = await sealedAudit();
    const { id, about: rollout } = entries[1];
    const table = cli.host.serving.host.resources.table('evenkeel-test-rollouts');
    const key = { pk: `R#${rollout}`, sk: `audit#${id}` };
    await table.write({ update: key, set: { actor: 'operator:eve' } });
    const { exitCode, out } = await cli.run('audit last --verify');
    expect([exitCode, out]).toEqual([1, expect.stringContaining(`- entry ${id} is not what was sealed\n`)]);
  });

  test('of a device says who decided what, and what it made of it', async () => {
    const { exitCode, out } = await cli.run('audit --device cam-0017');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^WHEN +WHO +WHAT +THEN\n/);
    const rows = out.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(/ {2,}/).slice(1))).toEqual([
      [expect.stringMatching(/^operator:/), 'register', 'registered'],
      [expect.stringMatching(/^operator:/), 'tag', 'tags hall-3, lab'],
      [expect.stringMatching(/^operator:/), 'tag', 'no tags'],
      [expect.stringMatching(/^operator:/), 'decommission', 'decommissioned'],
    ]);
  });

  test('of a product says so of its keys and releases, too', async () => {
    const { exitCode, out } = await cli.run('audit --product cam');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^WHEN +WHO +WHAT +OF +THEN\n/);
    const rows = out.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(/ {2,}/).slice(2))).toEqual([
      ['create-product', 'for cam-rev-b'],
      ['add-signing-key', 'key main'],
      ['create-release', 'cam/2.1.0', 'draft'],
      ['release-verified', 'cam/2.1.0', 'verified'],
      ['release-published', 'cam/2.1.0', 'published'],
    ]);
  });

  test('of devices and products is verified as that of rollouts is', async () => {
    expect(await sealedAudit('--device cam-0017')).toMatchObject({
      device: 'cam-0017',
      sealed: 4,
      faults: [],
    });
    expect(await sealedAudit('--product cam')).toMatchObject({ product: 'cam', sealed: 5, faults: [] });
    const key = await readFile(path.join(cli.host.directory, 'secrets', 'seal.key'), 'utf8');
    const own = cli.inside('own.pem');
    await writeFile(own, createPublicKey(key).export(toPem));
    for (const [of, count] of [
      ['--device cam-0017', 4],
      ['--product cam', 5],
    ]) {
      const { exitCode, out } = await cli.run(`audit ${of} --verify --key ${own}`);
      const verified = `verified: ${count} of ${count} entries in a chain of `;
      expect([exitCode, out]).toEqual([0, expect.stringContaining(verified)]);
    }
  });

  test('of one person says what was decided about rollouts, devices and products, and from when on', async () => {
    await Promise.all(['--device cam-0017', '--product cam'].map(sealedAudit));
    const { entries } = await cli.answer('audit --by admin');
    const did = entries.map(({ about, action }: { about: string; action: string }) => [about, action]);
    expect(did).toEqual(
      expect.arrayContaining([
        ['cam', 'add-signing-key'],
        ['cam/2.1.0', 'release-published'],
        [expect.stringMatching(/^\w{26}$/), 'pause'],
        ['acme:cam-0017', 'decommission'],
      ]),
    );
    const { out } = await cli.run('audit --by operator:admin --since 2020-01-01');
    expect(out).toMatch(
      /^WHEN +WHO +WHAT +OF +THEN +WHY\n[\s\S]* decommission +acme:cam-0017 +decommissioned/,
    );
    expect(await cli.answer('audit --by admin --since 2999-01-01T00:00:00Z')).toMatchObject({ entries: [] });
    expect((await cli.run('audit --by mallory')).out).toMatch(
      /^no sealed decision by operator:mallory\n\ndecisions of the last 60 s may be missing: /,
    );
    expect(await cli.answer('audit --by mallory')).toEqual({
      by: 'operator:mallory',
      entries: [],
      mayMissLastSeconds: 60,
    });
    for (const line of [
      'audit last --since 2026-12-01',
      'audit --by bob --verify',
      'audit --by bob --since soon',
    ])
      expect([line, (await cli.run(line)).exitCode]).toEqual([line, 2]);
  });

  test.each([
    ['--device cam-0017', 'registry', 'D#acme:cam-0017'],
    ['--product cam', 'firmware', 'P#acme#cam'],
  ])('of %s is found to have been changed, and the seals over it', async (of, name, pk) => {
    const { entries, seals } = await sealedAudit(of);
    const { id } = entries[1];
    const table = cli.host.serving.host.resources.table(`evenkeel-test-${name}`);
    await table.write({ update: { pk, sk: `audit#${id}` }, set: { actor: 'operator:eve' } });
    const entry = await cli.run(`audit ${of} --verify`);
    expect([entry.exitCode, entry.out]).toEqual([
      1,
      expect.stringContaining(`NOT as it was sealed:\n- entry ${id} is not what was sealed\n`),
    ]);
    const last = { pk: 'A#acme', sk: `seal#${String(seals).padStart(12, '0')}` };
    await table.write({ update: last, set: { signature: Buffer.from('none').toString('base64') } });
    const seal = await cli.run(`audit ${of} --verify`);
    expect([seal.exitCode, seal.out]).toEqual([
      1,
      expect.stringContaining(`- seal ${seals} does not carry the signature of its key\n`),
    ]);
  });

  test('is of one thing, which is there', async () => {
    for (const line of ['audit', 'audit last --device cam-0017', 'audit --device cam-0017 --product cam']) {
      const { exitCode, err } = await cli.run(line);
      expect([line, exitCode, err]).toEqual([
        line,
        2,
        expect.stringContaining(
          'give a rollout, --device, --product, --quarantine or --by, and only one of them',
        ),
      ]);
    }
    for (const line of [
      'audit --device cam-9999',
      'audit --product lamp',
      'audit --device cam-9999 --verify',
    ]) {
      const { exitCode, err } = await cli.run(line);
      expect([line, exitCode, err]).toEqual([line, 1, expect.stringContaining('must be a')]);
    }
  });

  test('is explained with examples of each', async () => {
    const { exitCode, out } = await cli.run('help audit');
    expect(exitCode).toBe(0);
    for (const example of ['audit last --verify', 'audit --device cam-0017', 'audit --product cam --verify'])
      expect(out).toContain(`$ evenkeel ${example}\n`);
  });

  test('takes a public key and nothing else, and only to verify', async () => {
    await writeFile(cli.inside('none.pem'), 'none');
    const bad = [
      [`audit last --verify --key ${cli.inside('none.pem')}`, 'holds no public key in PEM'],
      [
        `audit last --verify --key ${path.join(cli.host.directory, 'secrets', 'seal.key')}`,
        'give its public half',
      ],
      [`audit last --key ${cli.inside('none.pem')}`, '--key is for --verify'],
    ];
    for (const [line = '', rule = ''] of bad) {
      const { exitCode, err } = await cli.run(line);
      expect([exitCode, err]).toEqual([2, expect.stringContaining(rule)]);
    }
  });

  test('of a product is not held against the seals of another tenant that has one of that name', async () => {
    const { api, resources } = cli.host.serving.host;
    const claims = { tenant: 'other', sub: 'eve', role: 'admin' };
    const ask = async (method: string, at: string, body?: object) => {
      const bytes = body && Buffer.from(JSON.stringify(body));
      const request = { method, path: at, rawQuery: '', headers: {}, body: bytes, sourceIp: '::1', claims };
      return JSON.parse((await api.handle(request)).body);
    };
    await ask('POST', '/products', { product: 'cam', hardware: ['cam-rev-b'] });
    while ((await ask('GET', '/audit/seals/products')).seals.length === 0);
    // Whoever may write to the table puts the one in the place of the other.
    const table = resources.table('evenkeel-test-firmware');
    for (const [own, foreign, prefix] of [
      ['A#acme', 'A#other', 'seal#'],
      ['P#acme#cam', 'P#other#cam', 'audit#'],
    ] as const) {
      const of = { prefix, limit: 100, consistent: true };
      const [mine, theirs] = [
        await table.query({ ...of, partition: own }),
        await table.query({ ...of, partition: foreign }),
      ];
      for (const { sk } of mine.items) await table.write({ delete: { pk: own, sk: String(sk) } });
      for (const item of theirs.items) await table.write({ put: { ...item, pk: own } });
    }
    const { exitCode, out } = await cli.run('audit --product cam --verify');
    expect([exitCode, out]).toEqual([1, expect.stringContaining('- seal 1 is of another tenant\n')]);
  });
});
