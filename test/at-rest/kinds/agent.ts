import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StateFile } from '#device/agent/io/state-file.ts';
import type { Kind } from '../kind.ts';

/** What the reference agent keeps in its directory over reboots; a device may be off for years. */
export const AGENT_KINDS: readonly Kind[] = [
  {
    name: 'device/state',
    has: ({ where }) => where === 'agent',
    read: async (what) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-state-'));
      try {
        const file = path.join(directory, 'state.json');
        await writeFile(file, JSON.stringify(what));
        return await new StateFile(file).load();
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  },
];
