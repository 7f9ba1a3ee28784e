import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { openAttempt } from '../domain/attempt/open-attempt.ts';
import { takeRoom } from '../domain/decision/permit-room.ts';
import { mayBeginAt } from '../domain/stages/install-hours.ts';
import { COHORTS_PER_TRANSACTION, type Gate, type GateStore } from '../stores/gate-store.ts';
import { COUNTER_SHARDS } from '../stores/keys.ts';
import { PERMITS_PER_TRANSACTION, type PermitStore } from '../stores/permit-store.ts';
import type { ServedRollout } from './active-rollouts.ts';
import { type Answered, type Candidate, fullWindow } from './permit-candidates.ts';
import type { Wanting } from './permit-cohorts.ts';
import { attemptContextOf } from './rollout-contexts.ts';

const IN_ONE_TRANSACTION = { permits: PERMITS_PER_TRANSACTION, cohorts: COHORTS_PER_TRANSACTION };

/** What granting within one rollout needs. */
export interface GrantNeeds {
  readonly gates: GateStore;
  readonly permits: PermitStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Who was answered, and who must be judged again because the gate or a device changed, or install hours closed, meanwhile. */
export interface GrantedIn {
  readonly answers: readonly Answered[];
  readonly again: readonly Candidate[];
}

/** Grants to as many of one rollout's candidates as it has room for, first come, first served; all others are told to wait. */
export async function grantIn(
  served: ServedRollout,
  group: readonly Wanting[],
  needs: GrantNeeds,
): Promise<GrantedIn> {
  const { rollout } = served;
  const answers: Answered[] = [];
  const again: Candidate[] = [];
  let waiting = group;
  while (waiting.length > 0) {
    // Read afresh for each transaction: an epoch may have begun since. So may a stage, which may be for others than those who were judged.
    const gate = await needs.gates.read(rollout);
    if (gate?.state !== 'running' || gate.stage !== served.stage)
      return { answers, again: [...again, ...candidatesOf(waiting)] };
    const nowMs = needs.clock.now();
    // Hours may have closed since they were judged: reading what a large batch needs takes its time.
    const isLate = ({ device }: Wanting): boolean =>
      !mayBeginAt(served.document.window, device.facts?.attributes ?? {}, nowMs);
    again.push(...candidatesOf(waiting.filter(isLate)));
    const due = waiting.filter((one) => !isLate(one));
    const { taken, full, rest } = takeRoom(due, gate, IN_ONE_TRANSACTION);
    for (const { candidate } of full)
      answers.push({ candidate, outcome: fullWindow(served, needs.ids.random()) });
    if (taken.length === 0) break;
    const granted = await grantAll(rollout, gate, taken, { ...needs, nowMs });
    if (granted === 'overtaken') return { answers, again: [...again, ...candidatesOf([...taken, ...rest])] };
    answers.push(...granted);
    waiting = rest;
  }
  return { answers, again };
}

const candidatesOf = (wanting: readonly Wanting[]): Candidate[] => wanting.map(({ candidate }) => candidate);

/** Grants all of `taken` at `nowMs` in one transaction, or none where somebody else was quicker with the gate or one of the devices. */
async function grantAll(
  rollout: string,
  gate: Gate,
  taken: readonly Wanting[],
  needs: GrantNeeds & { readonly nowMs: number },
): Promise<readonly Answered[] | 'overtaken'> {
  const grants = taken.map((one) => ({
    candidate: one.candidate,
    device: one.device,
    change: one.forgets,
    attempt: attemptOf(one, gate, needs.nowMs, needs.ids.next()),
  }));
  const options = { shard: Math.floor(needs.ids.random() * COUNTER_SHARDS), token: needs.ids.next() };
  const result = await tryAgain(needs, () => needs.permits.grant(rollout, gate, grants, options));
  if (!result.granted) return 'overtaken';
  return grants.map(({ candidate, attempt }) => ({
    candidate,
    outcome: { kind: 'granted', rollout, attempt, isNew: true },
  }));
}

function attemptOf(
  { candidate, served, digest, number, previous, cohort }: Wanting,
  { epoch }: Gate,
  nowMs: number,
  id: string,
): Attempt {
  const { says, bootId, atMs, begins, promised } = candidate;
  const { version, sequence } = served.release;
  const lifeMs = Math.min(promised?.withinMs ?? Number.POSITIVE_INFINITY, served.document.permitForMs);
  return openAttempt(
    {
      id,
      number,
      epoch,
      cohort,
      grantedMs: nowMs,
      permitEndMs: nowMs + lifeMs,
      target: { version, digest, sequence },
      from: says.version,
      bootId,
      ...(begins !== undefined && {
        begun: {
          asked: begins,
          atMs,
          ...(promised && { promised }),
          context: attemptContextOf(served.record),
        },
      }),
    },
    previous,
  );
}
