import { realWorld } from '#shared/world/real-world.ts';
import type { Io } from '../io.ts';
import { runProgram } from '../program.ts';

/** What a run of the command line printed and ended with. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, without a terminal unless `io` says so, and keeps what it prints. */
export async function ranProgram(words: readonly string[], io: Partial<Io> = {}): Promise<Ran> {
  const printed = { out: '', err: '' };
  const exitCode = await runProgram(words, {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    size: () => ({ columns: 120, rows: 40 }),
    ask: undefined,
    env: {},
    world: realWorld,
    untilStopped: () => new AbortController().signal,
    ...io,
  });
  return { exitCode, ...printed };
}
