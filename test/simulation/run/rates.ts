import type { Fault } from '../faults/fault.ts';
import { RandomStream } from '../world/random-stream.ts';

/** A fault is at work in so many of the seeds: enough of them meet in one, and most of what happens still goes on. */
const AT_WORK = 0.2;

/** Which faults are at work in a seed, and how often each happens there; without those that are left out, `always` those named. */
export function ratesOf(
  seed: string,
  all: readonly Fault[],
  {
    without = [],
    always = [],
  }: { readonly without?: readonly string[]; readonly always?: readonly string[] } = {},
): Map<string, number> {
  const rates = new Map<string, number>();
  for (const { name, most, atWork = AT_WORK } of all) {
    const stream = new RandomStream(seed, `rate ${name}`);
    const isAtWork = stream.happens(atWork) || always.includes(name);
    const rate = most * (0.1 + 0.9 * stream.next());
    if (isAtWork && !without.includes(name)) rates.set(name, rate);
  }
  return rates;
}
