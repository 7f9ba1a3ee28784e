import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessTokens } from '#host/access/access-tokens.ts';
import { ROLES } from '#shared/contracts/api/route.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { Kept } from '../../simulation/faults/witness.ts';
import type { Kind } from '../kind.ts';

const WHERE = 'secrets/tokens.json';
const HOUR_MS = 3_600_000;

/** The list of tokens of people, beside the data of a host: who could not read it would let nobody in. */
export const ACCESS_KINDS: readonly Kind[] = [
  {
    name: 'host/tokens',
    has: ({ where }) => where === WHERE,
    read: (what) =>
      inDirectory(async (directory) => {
        await writeFile(path.join(directory, 'tokens.json'), JSON.stringify(what));
        return (await opened(directory)).list();
      }),
  },
];

/** Lists as a host begins them and as people change them, since no history of the simulation has people with tokens. */
export const tokenLists = (): Promise<Kept[]> =>
  inDirectory(async (directory) => {
    const file = path.join(directory, 'tokens.json');
    const kept = async (): Promise<Kept> => ({
      where: WHERE,
      what: JSON.parse(await readFile(file, 'utf8')),
    });
    const tokens = await opened(directory);
    const begun = await kept();
    for (const role of ROLES) await tokens.issue({ tenant: 'acme', sub: `of-${role}`, role });
    const endless = await kept();
    const fromMs = new VirtualWorld().now();
    const span = { fromMs, toMs: fromMs + HOUR_MS };
    await tokens.issue({ tenant: 'acme', sub: 'auditor', role: 'viewer', span });
    const withSpan = await kept();
    for (const { tenant, sub } of await tokens.list()) await tokens.revoke({ tenant, sub });
    return [begun, endless, withSpan, await kept()];
  });

const opened = (directory: string): Promise<AccessTokens> =>
  AccessTokens.open(directory, { tenant: 'acme', world: new VirtualWorld('tokens') });

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-tokens-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
