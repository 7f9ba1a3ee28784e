import { faultOf } from '#shared/errors/fault-of.ts';
import type { Fact } from '../../domain/attempt/facts.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import { type Heard, type Unreadable, unreadableOf } from '../../steps/plan-moves.ts';
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
  const asking = new Set(heard.filter(asksToBegin).flatMap(({ rollout }) => rollout ?? []));
  const { stopped, faults } = await lookAt(asking, gates);
  const withheld: Unreadable<HeardFrom>[] = [];
  const rest = heard.flatMap((one) => {
    const { rollout } = one;
    if (rollout === undefined || !asksToBegin(one)) return one;
    const fault = faults.get(rollout);
    if (fault !== undefined) {
      if (fault instanceof UnreadableRowError) withheld.push(unreadableOf(one, fault));
      else putBack.add(one.messages, fault);
      return [];
    }
    if (!stopped.has(rollout)) return one;
    return { ...one, facts: one.facts.map(withoutBeginning), withdraw: true };
  });
  return { heard: rest, withheld };
}

/** Whether a device says that it installs, and not that it has come further. */
export function asksToBegin({ facts }: Heard): boolean {
  const states = facts.flatMap((fact) => (fact.fact === 'report' ? [fact.state] : []));
  return (
    states.includes('installing') && !states.some((state) => state === 'rebooting' || state === 'failed')
  );
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

function withoutBeginning(fact: Fact): Fact {
  if (fact.fact !== 'report' || fact.state !== 'installing') return fact;
  return { fact: 'withdrawn', attempt: fact.attempt, atMs: fact.atMs };
}
