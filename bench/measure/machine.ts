import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem, type } from 'node:os';

/** What figures were taken on: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** The commit, with `+` where files differ from it, those apart that tell of figures; `unknown` outside a checkout. */
  readonly commit: string;
  /** Processes that wanted to run in the last minute, before anything was measured. */
  readonly load: number;
  /** Kind of file system under the data directory, as `df -T` names it. */
  readonly fileSystem: string;
}

/** Without what a distributor appends. */
const KERNEL = /^\d+\.\d+/;
/** `npm run bench -- --document` writes them one after the other. */
const TELL_OF_FIGURES = [':(top,exclude)docs', ':(top,exclude)bench/document/measured.json'];

/** The machine at this moment; `directory` is where the host will keep its data. */
export function machineNow(directory: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${KERNEL.exec(readFileSync('/proc/sys/kernel/osrelease', 'utf8'))?.[0] ?? 'unknown'}`,
    node: process.version,
    commit: commitNow(),
    load: loadavg()[0] ?? Number.NaN,
    fileSystem: wordsOf('df', ['--output=fstype', directory]).at(-1) ?? 'unknown',
  };
}

function commitNow(): string {
  const [commit = 'unknown'] = wordsOf('git', ['rev-parse', '--short', 'HEAD']);
  const status = ['status', '--porcelain', '-uno', '--', ':(top)', ...TELL_OF_FIGURES];
  return wordsOf('git', status).length > 0 ? `${commit}+` : commit;
}

/** What a program says, by words; nothing where it fails or is not there. */
function wordsOf(program: string, args: readonly string[]): string[] {
  try {
    const options = { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync(program, args, options).trim().split(/\s+/).filter(Boolean);
  } catch {
    // The figures are as good without; the table then says "unknown".
    return [];
  }
}
