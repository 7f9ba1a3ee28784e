import type { World } from '#shared/world/world.ts';

/** Everything that a command touches of the terminal and the process around it. */
export interface Io {
  /** Standard output: results, and nothing else. */
  readonly out: (text: string) => void;
  /** Standard error: progress, advice, errors. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Size of the terminal in characters, as it is now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Asks the person; `undefined` where there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly world: World;
  /**
   * From the first call on, SIGINT (ctrl-c) and SIGTERM abort this signal, with their name as the reason, instead of ending the
   * process; one that comes a second or more later ends it.
   */
  readonly untilStopped: () => AbortSignal;
}
