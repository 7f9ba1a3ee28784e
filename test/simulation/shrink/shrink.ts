import { FAULTS } from '../faults/all.ts';
import { ratesOf } from '../run/rates.ts';
import { scenarioOf } from '../run/scenario.ts';
import type { Report, Task } from '../workers/messages.ts';

/**
 * The least history that still fails in the same way: without faults one by one, then with fewer rollouts, fewer devices and less time,
 * until nothing more can be taken away. `tell` hears of every step.
 */
export async function shrink(
  task: Task,
  violation: string,
  live: (task: Task) => Promise<Report>,
  tell: (line: string) => void,
): Promise<Task> {
  const kind = kindOf(violation);
  const stillFails = async (smaller: Task) => kindOf((await live(smaller)).violation) === kind;
  let least = task;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    for (const smaller of smallerThan(least)) {
      if (!(await stillFails(smaller.task))) continue;
      tell(`still fails ${smaller.how}`);
      least = smaller.task;
      hasShrunk = true;
      break;
    }
  }
  return least;
}

/** What fails, whoever it happens to: `invariant 3`. */
const kindOf = (violation: string | undefined): string => violation?.split(' (')[0]?.split(':')[0] ?? '';

/** Histories with one thing less, the greatest steps first. */
function* smallerThan(task: Task): Iterable<{ readonly task: Task; readonly how: string }> {
  const { seed, limits, without } = task;
  // A fault that is at work in every history, whatever the seed says, stays.
  const atWork = [...ratesOf(seed, FAULTS, { without }).keys()];
  if (atWork.length > 1)
    yield { task: { ...task, without: [...without, ...atWork] }, how: 'without any fault' };
  for (const name of atWork) yield { task: { ...task, without: [...without, name] }, how: `without ${name}` };
  const scenario = scenarioOf(seed, limits);
  const limited = (less: Task['limits']) => ({ ...task, limits: { ...limits, ...less } });
  const rollouts = scenario.rollouts.length;
  if (rollouts > 1) yield { task: limited({ rollouts: rollouts - 1 }), how: `with ${rollouts - 1} rollouts` };
  const devices = scenario.devices.length;
  for (const fewer of fewerThan(devices, 1))
    yield { task: limited({ devices: fewer }), how: `with ${fewer} devices` };
  const minutes = Math.ceil(scenario.unkindMs / 60_000);
  for (const fewer of fewerThan(minutes, 1))
    yield { task: limited({ unkindMinutes: fewer }), how: `in ${fewer} minutes` };
}

/** Half, three quarters, one less. */
function fewerThan(count: number, least: number): number[] {
  const fewer = [Math.floor(count / 2), Math.floor((3 * count) / 4), count - 1];
  return [...new Set(fewer)].filter((one) => one >= least && one < count);
}
