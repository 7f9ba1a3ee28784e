import { faultOf } from '#shared/errors/fault-of.ts';
import { asksToBegin, withholdBeginning } from '../../domain/attempt/withhold-beginning.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import { type Unreadable, unreadableOf } from '../../steps/plan-moves.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import type { HeardFrom } from './heard-from.ts';
import type { PutBack } from './put-back.ts';

/** What is to be applied, and what asks to begin in a rollout whose gate holds nothing that can be read. */
interface Withholding {
  readonly heard: readonly HeardFrom[];
  readonly withheld: readonly Unreadable<HeardFrom>[];
}

/**
 * Takes "installing" out where the rollout no longer runs and nothing says that the install has begun already; puts back what asks
 * to begin in one whose gate cannot be asked just now.
 */
export async function withholdInstalls(
  heard: readonly HeardFrom[],
  gates: GateStore,
  putBack: PutBack,
): Promise<Withholding> {
  const asking = new Set(
    heard.filter(({ facts }) => asksToBegin(facts)).flatMap(({ rollout }) => rollout ?? []),
  );
  const { stopped, faults } = await lookAt(asking, gates);
  const withheld: Unreadable<HeardFrom>[] = [];
  const rest = heard.flatMap((one) => {
    const { rollout } = one;
    if (rollout === undefined || !asksToBegin(one.facts)) return one;
    const fault = faults.get(rollout);
    if (fault !== undefined) {
      if (fault instanceof UnreadableRowError) withheld.push(unreadableOf(one, fault));
      else putBack.add(one.messages, fault);
      return [];
    }
    if (!stopped.has(rollout)) return one;
    return { ...one, facts: withholdBeginning(one.facts), withdraw: true };
  });
  return { heard: rest, withheld };
}

/** Which of these rollouts do not run, and which nobody can tell of, and why. */
async function lookAt(
  rollouts: ReadonlySet<string>,
  gates: GateStore,
): Promise<{ readonly stopped: ReadonlySet<string>; readonly faults: ReadonlyMap<string, Error> }> {
  const stopped = new Set<string>();
  const faults = new Map<string, Error>();
  for (const rollout of rollouts) {
    try {
      if ((await gates.life(rollout))?.state !== 'running') stopped.add(rollout);
    } catch (error) {
      faults.set(rollout, faultOf(error));
    }
  }
  return { stopped, faults };
}
