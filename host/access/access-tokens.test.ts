import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError, UnauthenticatedError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { AccessTokens } from './access-tokens.ts';

/** After this the list is looked at again. */
const LATER_MS = 1_000;

let directory: string;
let world: VirtualWorld;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-tokens-'));
  world = new VirtualWorld();
});
afterEach(() => rm(directory, { recursive: true }));

describe('a list of tokens that is gone or broken while the host serves', () => {
  const list = () => path.join(directory, 'tokens.json');
  async function open() {
    const tokens = await AccessTokens.open(directory, { tenant: 'acme', world });
    const header = `Bearer ${(await readFile(path.join(directory, 'admin.token'), 'utf8')).trim()}`;
    expect(await tokens.authenticate(header)).toMatchObject({ sub: 'admin' });
    return { tokens, header };
  }

  it('lets nobody in until it is back', async () => {
    const { tokens, header } = await open();
    await rename(list(), `${list()}.away`);
    await world.advance(LATER_MS);
    await expect(tokens.authenticate(header)).rejects.toThrow('ENOENT');
    await expect(tokens.authenticate(header)).rejects.toThrow(UnauthenticatedError);
    await rename(`${list()}.away`, list());
    await world.advance(LATER_MS);
    expect(await tokens.authenticate(header)).toMatchObject({ sub: 'admin' });
  });

  it('lets nobody in until it can be read', async () => {
    const { tokens, header } = await open();
    await writeFile(list(), '{"v":1,"tokens":[');
    await world.advance(LATER_MS);
    await expect(tokens.authenticate(header)).rejects.toThrow(ConfigurationError);
    await expect(tokens.authenticate(header)).rejects.toThrow(UnauthenticatedError);
  });
});

describe('a token that has an end', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const bob = { tenant: 'acme', sub: 'bob', role: 'approver' } as const;
  const lastingDays = (days: number) => ({ fromMs: world.now(), toMs: world.now() + days * DAY_MS });

  it('is taken until then, and refused from then on, with words for who has it alone', async () => {
    const tokens = await AccessTokens.open(directory, { tenant: 'acme', world });
    const header = `Bearer ${await tokens.issue({ ...bob, span: lastingDays(90) })}`;
    await world.advance(90 * DAY_MS - 1);
    expect(await tokens.authenticate(header)).toMatchObject(bob);
    await world.advance(1);
    await expect(tokens.authenticate(header)).rejects.toThrow(UnauthenticatedError);
    await expect(tokens.authenticate(header)).rejects.toThrow(/has not ended: this one did on 2026-04-01/);
    await expect(tokens.authenticate('Bearer ek_guessed')).rejects.toThrow(
      /must be a token of this machine$/,
    );
    const admin = `Bearer ${(await readFile(path.join(directory, 'admin.token'), 'utf8')).trim()}`;
    expect(await tokens.authenticate(admin)).toEqual({ tenant: 'acme', sub: 'admin', role: 'admin' });
  });

  it('is not brought back by a clock that was never set again', async () => {
    const made = new VirtualWorld('made', world.now() + 30 * DAY_MS);
    const tokens = await AccessTokens.open(directory, { tenant: 'acme', world: made });
    const span = { fromMs: made.now(), toMs: made.now() + DAY_MS };
    const header = `Bearer ${await tokens.issue({ ...bob, span })}`;
    const later = await AccessTokens.open(directory, { tenant: 'acme', world });
    await expect(later.authenticate(header)).rejects.toThrow(/the clock of this machine says 2026-01-01/);
  });

  it('leaves tokens of earlier versions, which have none, as they were', async () => {
    const sha256 = createHash('sha256').update('ek_old').digest('hex');
    const old = { sha256, name: 'old', role: 'viewer', tenant: 'acme' };
    await writeFile(path.join(directory, 'tokens.json'), JSON.stringify({ v: 1, tokens: [old] }));
    const tokens = await AccessTokens.open(directory, { tenant: 'acme', world });
    await tokens.issue({ ...bob, span: lastingDays(1) });
    await world.advance(10_000 * DAY_MS);
    expect(await tokens.authenticate('Bearer ek_old')).toEqual({
      tenant: 'acme',
      sub: 'old',
      role: 'viewer',
    });
    const kept = JSON.parse(await readFile(path.join(directory, 'tokens.json'), 'utf8'));
    expect(kept).toMatchObject({ v: 1, tokens: [old, { name: 'bob' }] });
    expect(kept.tokens[0]).toEqual(old);
  });
});
