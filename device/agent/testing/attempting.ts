import type { RunningImage } from '../image.ts';
import { ATTEMPT, Bench, NEW_DIGEST } from './bench.ts';

/** What runs once the update is permanent. */
export const TARGET: RunningImage = { version: '1.1.0', digest: NEW_DIGEST, sequence: 4, confirmed: true };

/** What runs while it is on trial. */
export const TRIAL: RunningImage = { ...TARGET, confirmed: false };

/** A device that has downloaded what it was offered, and asks for leave. */
export const asking = (): Bench => {
  const bench = new Bench();
  bench.download();
  return bench;
};

/** One that has leave, and installs. */
export const installing = (): Bench => {
  const bench = asking();
  bench.grant();
  return bench;
};

/** After an install that did not succeed, which is still to be acknowledged. */
export const failed = (): Bench => {
  const bench = installing();
  bench.take({ input: 'install-failed', attempt: ATTEMPT, reason: 'flash-write' });
  return bench;
};

/** One that has installed. */
export const rebooting = (): Bench => {
  const bench = installing();
  bench.take({ input: 'installed', attempt: ATTEMPT });
  return bench;
};

/** What the last report said, in order. */
export const states = (bench: Bench): string[] =>
  bench.said('report').events.map(({ state }: { state: string }) => state);
