import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ServedHost, startServedHost } from './testing/served-host.ts';

const PROGRAM = path.join(import.meta.dirname, 'tokens.ts');

let host: ServedHost;
beforeAll(async () => {
  host = await startServedHost({ services: ['rollout-orchestrator'] });
});
afterAll(() => host.stop());

async function run(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args]);
  return stdout.trim();
}

/** The status once the host has seen the token, which it looks for once a second. */
async function statusWith(token: string): Promise<number> {
  for (;;) {
    const { status } = await host.https('POST', '/rollouts', { token, body: '{}' });
    if (status !== 401) return status;
  }
}

describe('a token for a person', () => {
  const person = ['--tenant', 'acme', '--name', 'bob'];

  test('is taken by a host that runs, with its role', async () => {
    const data = ['--data', host.directory];
    expect(await statusWith(await run(...data, ...person, '--role', 'viewer'))).toBe(403);
    expect(await statusWith(await run(...data, ...person, '--role', 'operator'))).toBe(400);
  });

  test('is kept when several are made at the same time, and replaced ones stay away', async () => {
    const data = ['--data', host.directory, '--tenant', 'acme', '--role', 'viewer'];
    const before = await run(...data, '--name', 'race1');
    const names = ['race1', 'race2', 'race3', 'race4'];
    const printed = await Promise.all(names.map((name) => run(...data, '--name', name)));
    for (const token of printed) expect(await statusWith(token)).toBe(403);
    expect((await host.https('POST', '/rollouts', { token: before, body: '{}' })).status).toBe(401);
    const left = readdirSync(path.join(host.directory, 'secrets'));
    expect(left.filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('is taken back, and whoever has one is named, never the token', async () => {
    const data = ['--data', host.directory, '--tenant', 'acme'];
    const token = await run(...data, '--name', 'leaver', '--role', 'operator');
    expect(await statusWith(token)).toBe(400);
    expect(JSON.parse(await run(...data, '--list', '--json'))).toContainEqual({
      tenant: 'acme',
      role: 'operator',
      name: 'leaver',
    });
    expect(await run(...data, '--list')).toMatch(/^acme +operator +leaver +no end$/m);
    expect(await run(...data, '--revoke', 'leaver')).toBe('revoked the token of leaver (acme)');
    // The host looks for changes once a second.
    while ((await host.https('POST', '/rollouts', { token, body: '{}' })).status !== 401);
    expect(await run(...data, '--list')).not.toMatch(/leaver/);
    await expect(run(...data, '--revoke', 'leaver')).rejects.toMatchObject({
      stderr: expect.stringMatching(/tenant acme has no token of leaver; it has .*admin/),
    });
  });

  test('has the end that it was made for, which the list shows', async () => {
    const data = ['--data', host.directory, '--tenant', 'acme'];
    const token = await run(...data, '--name', 'guest', '--role', 'operator', '--for', '90d');
    expect(await statusWith(token)).toBe(400);
    const days = (ends: string) => (Date.parse(ends) - Date.now()) / 86_400_000;
    const { headers } = await host.https('POST', '/rollouts', { token, body: '{}' });
    expect(days(String(headers['evenkeel-token-ends']))).toBeCloseTo(90, 1);
    const listed = JSON.parse(await run(...data, '--list', '--json'));
    const [guest] = listed.filter((one: { name: string }) => one.name === 'guest');
    expect(guest).toEqual({
      tenant: 'acme',
      role: 'operator',
      name: 'guest',
      ends: headers['evenkeel-token-ends'],
      ended: false,
    });
    expect(await run(...data, '--list')).toMatch(/^acme +operator +guest +ends on 20\d\d-/m);
  });

  test('is refused once it has ended, and marked so in the list', async () => {
    const data = ['--data', host.directory, '--tenant', 'acme'];
    const token = await run(...data, '--name', 'gone', '--role', 'operator', '--for', '90d');
    expect(await statusWith(token)).toBe(400);
    const file = path.join(host.directory, 'secrets/tokens.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    const [gone] = kept.tokens.filter((one: { name: string }) => one.name === 'gone');
    gone.span = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) };
    writeFileSync(file, JSON.stringify(kept));
    let answer = await host.https('POST', '/rollouts', { token, body: '{}' });
    while (answer.status !== 401) answer = await host.https('POST', '/rollouts', { token, body: '{}' });
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { code: 'unauthenticated', rule: expect.stringContaining('this one did on 2026-01-02') },
    });
    expect(answer.headers).not.toHaveProperty('evenkeel-token-ends');
    expect(await run(...data, '--list')).toMatch(
      /^acme +operator +gone +ENDED on 2026-01-02T00:00:00\.000Z$/m,
    );
    expect(JSON.parse(await run(...data, '--list', '--json'))).toContainEqual({
      tenant: 'acme',
      role: 'operator',
      name: 'gone',
      ends: '2026-01-02T00:00:00.000Z',
      ended: true,
    });
  });

  test('is for the only tenant that there is, and with several for the one that is named', async () => {
    const data = ['--data', host.directory];
    const list = async () => JSON.parse(await run(...data, '--list', '--json'));
    await run(...data, '--name', 'unsaid', '--role', 'viewer');
    expect(await list()).toContainEqual({ tenant: 'acme', role: 'viewer', name: 'unsaid' });
    await run(...data, '--tenant', 'other', '--name', 'first', '--role', 'admin');
    await expect(run(...data, '--name', 'unsaid', '--role', 'viewer')).rejects.toMatchObject({
      stderr: expect.stringMatching(/--tenant must say whose: there are acme, other/),
    });
    await run(...data, '--tenant', 'other', '--revoke', 'first');
  });

  test('leaves the one that somebody of that name has of another tenant', async () => {
    const bob = ['--data', host.directory, '--name', 'bob', '--role', 'viewer'];
    const theirs = await run(...bob, '--tenant', 'other');
    await statusWith(await run(...bob, '--tenant', 'acme'));
    expect((await host.https('POST', '/rollouts', { token: theirs, body: '{}' })).status).toBe(403);
  });

  test.each([
    [
      'no role that there is',
      () => ['--data', host.directory, ...person, '--role', 'root'],
      /--role must be one of/,
    ],
    [
      'a life that is none',
      () => ['--data', host.directory, ...person, '--role', 'viewer', '--for', '90'],
      /--for must be a duration such as 30m, 12h or 7d/,
    ],
    [
      'a longer life than anybody remembers',
      () => ['--data', host.directory, ...person, '--role', 'viewer', '--for', '4000d'],
      /--for must be between 1m and 3650d/,
    ],
    [
      'an end for one that is there',
      () => ['--data', host.directory, '--list', '--for', '90d'],
      /--for is for a token that is made/,
    ],
    ['no name', () => ['--data', host.directory, '--role', 'viewer'], /--name must be/],
    ['no host', () => ['--data', 'nowhere', ...person, '--role', 'viewer'], /no host has been started/],
  ])('is not made with %s', async (_, args, message) => {
    await expect(run(...args())).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});
