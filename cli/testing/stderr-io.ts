import type { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { Io } from '../io.ts';

/** A terminal, or none, of which only standard error is looked at. */
export const stderrIo = (errIsTerminal: boolean, world: VirtualWorld, err: Io['err']): Io => ({
  errIsTerminal,
  outIsTerminal: false,
  env: {},
  ask: undefined,
  world,
  err,
  out: () => undefined,
  size: () => ({ columns: 120, rows: 30 }),
  untilStopped: () => new AbortController().signal,
});
