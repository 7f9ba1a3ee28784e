import { tmpdir } from 'node:os';
import { realWorld } from '#shared/world/real-world.ts';
import type { Io } from '../io.ts';
import { runProgram } from '../program.ts';

/** What a run of the command line printed and ended with. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Stands for the directory of temporary files, which may have spaces in its name. */
const TEMPORARY = '<temporary>';

/** The words of a command line, separated by spaces; `+` stands for a space within a word. */
export function wordsOf(line: string): string[] {
  const words = line.replaceAll(tmpdir(), TEMPORARY).split(' ');
  return words.map((word) => word.replaceAll('+', ' ').replaceAll(TEMPORARY, tmpdir()));
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
