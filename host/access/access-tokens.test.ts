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
