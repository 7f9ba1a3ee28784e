import type { World } from '../world/world.ts';

/**
 * Ctrl-c goes to every process of the terminal, and a service manager tells all of its unit; npm and `launch/run.cjs` then pass it on to a
 * program that has it already. Only what comes later than that is a second wish.
 */
const ECHO_MS = 1_000;

type StopSignal = 'SIGINT' | 'SIGTERM';

/** What a program does when it is told to stop: in order at first, and at once when it is told again. */
interface OnStopSignal {
  readonly stop: (signal: StopSignal) => void;
  readonly giveUp: (signal: StopSignal) => void;
}

/** From now on SIGINT and SIGTERM call `stop` once, and `giveUp` when one comes again a second or more after the first. */
export function onStopSignal(world: Pick<World, 'monotonicMs'>, { stop, giveUp }: OnStopSignal): void {
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const nowMs = world.monotonicMs();
      if (firstMs === undefined) {
        firstMs = nowMs;
        stop(signal);
      } else if (nowMs - firstMs >= ECHO_MS) giveUp(signal);
    });
  }
}
