import type { Call } from '#shared/lambda/call.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import { openAttempt } from '../domain/attempt/open-attempt.ts';
import { cohortOfAttempt, isEvidence, OTHER_COHORT, RETRY_COHORT } from '../domain/counting/cohorts.ts';
import { fullWindowOf } from '../domain/decision/permit-room.ts';
import type { DeviceRecord } from '../domain/device/device.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { CohortStore } from '../stores/cohort-store.ts';
import type { Gate, GateStore } from '../stores/gate-store.ts';
import { COUNTER_SHARDS } from '../stores/keys.ts';
import { PERMITS_PER_TRANSACTION, type PermitStore } from '../stores/permit-store.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';
import type { ActiveRollouts, ServedRollout } from './active-rollouts.ts';
import {
  type Asker,
  type Candidate,
  type Eligible,
  judgeCandidate,
  type Outcome,
  questionOf,
  windowAgainSeconds,
} from './permit-candidates.ts';
import { type Renewing, type RenewingNeeds, renewAttempts } from './renew-attempts.ts';
import { attemptContextOf } from './rollout-contexts.ts';

/** Everything that granting needs. */
export interface GrantingNeeds extends RenewingNeeds {
  readonly active: ActiveRollouts;
  readonly cohorts: CohortStore;
  readonly gates: GateStore;
  readonly permits: PermitStore;
}

/** How often a batch is judged anew because the gate or a device changed under it. */
const ROUNDS = 8;

interface Asking {
  readonly candidate: Candidate;
  readonly index: number;
}

/** What became of a batch of candidates. */
export interface Granted {
  /** One for each candidate, in order. */
  readonly outcomes: readonly Outcome[];
  /** The rollout that each was judged for, where there is one for it. */
  readonly rollouts: readonly (ServedRollout | undefined)[];
  /** Rollouts in which attempts that were open before have moved. */
  readonly moved: readonly string[];
  /** Candidates that cannot be read, whose requests stay unsettled. */
  readonly unreadable: readonly UnreadableDevice[];
}

interface Wanting extends Asking {
  readonly eligible: Eligible;
  readonly device: DeviceRecord;
  readonly previous?: Attempt;
  readonly cohort: number;
}

/**
 * Grants permits to as many candidates as window and ceilings have room for, first come, first served, one transaction per
 * rollout and 96 devices. Where the gate or a device changed meanwhile, everything is read and judged again.
 */
export async function grantPermits(
  candidates: readonly Candidate[],
  needs: GrantingNeeds,
  call: Pick<Call, 'log' | 'count' | 'remainingMs'>,
): Promise<Granted> {
  const outcomes: Outcome[] = candidates.map(() => ({ outcome: 'unsettled' }));
  const rollouts: (ServedRollout | undefined)[] = candidates.map(() => undefined);
  const moved: string[] = [];
  const unreadable: UnreadableDevice[] = [];
  let open: Asking[] = candidates.map((candidate, index) => ({ candidate, index }));
  for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
    const { wanting, renewing, ...judged } = await judge(open, { outcomes, rollouts }, needs);
    const renewed = await renewAttempts(renewing, outcomes, needs, call);
    moved.push(...renewed.moved);
    unreadable.push(...judged.unreadable, ...renewed.unreadable);
    const again: Asking[] = [...renewed.again];
    for (const group of Map.groupBy(wanting, ({ eligible }) => eligible.served.rollout).values()) {
      again.push(...(await grantIn(group, outcomes, needs)));
    }
    open = again;
  }
  return { outcomes, rollouts, moved, unreadable };
}

/** Reads and judges; answers those that only need room or change their open attempt, and writes down the outcome of all others. */
async function judge(
  open: readonly Asking[],
  { outcomes, rollouts }: { readonly outcomes: Outcome[]; readonly rollouts: (ServedRollout | undefined)[] },
  needs: GrantingNeeds,
): Promise<{
  readonly wanting: Wanting[];
  readonly renewing: Renewing[];
  readonly unreadable: UnreadableDevice[];
}> {
  const nowMs = needs.clock.now();
  const asked: Asked[] = [];
  const { read, unreadable } = await readAsking(open, needs);
  for (const one of read) {
    const { asking, device, active } = one;
    const question = questionOf(asking.candidate, device, active, nowMs);
    if (question === undefined) outcomes[asking.index] = { outcome: 'nothing' };
    else asked.push({ ...one, asker: { ...asking.candidate, question } });
  }
  const rows = await needs.attempts.readAll(
    asked.map(({ asker, device }) => ({ rollout: asker.question.rollout, device })),
  );
  const cohorts = new Map<string, Promise<number | undefined>>();
  const wanting: Wanting[] = [];
  const renewing: Renewing[] = [];
  for (const [at, { asking, asker, device, active }] of asked.entries()) {
    const record = rows[at];
    if (record === undefined) continue;
    if (isUnreadableDevice(record)) {
      unreadable.push(record);
      continue;
    }
    rollouts[asking.index] = active.find(({ rollout }) => rollout === asker.question.rollout);
    const judged = judgeCandidate(asker, device, record, active, nowMs);
    if ('outcome' in judged) outcomes[asking.index] = judged;
    else if ('renewal' in judged) renewing.push({ ...asking, rollout: asker.question.rollout, judged });
    else {
      const cohort = await cohortOf(asking, judged, cohorts, needs);
      const previous = record.attempt && { previous: record.attempt };
      if (cohort === undefined) outcomes[asking.index] = fullWindow(judged.served, needs);
      else wanting.push({ ...asking, eligible: judged, device, ...previous, cohort });
    }
  }
  return { wanting, renewing, unreadable };
}

/** Who asks, on what was read just now. */
interface Read {
  readonly asking: Asking;
  readonly device: DeviceRecord;
  /** The active rollouts of its product. */
  readonly active: readonly ServedRollout[];
}
type Asked = Read & { readonly asker: Asker };

async function readAsking(
  open: readonly Asking[],
  needs: GrantingNeeds,
): Promise<{ readonly read: Read[]; readonly unreadable: UnreadableDevice[] }> {
  const devices = await needs.devices.readAll(open.map(({ candidate }) => candidate));
  const ofProduct = new Map<string, Promise<readonly ServedRollout[] | UnreadableRowError>>();
  const lists = devices.map((device) => {
    if (isUnreadableDevice(device)) return device.unreadable;
    const product = device.facts?.product ?? '';
    const key = `${device.tenant}#${product}`;
    const list = ofProduct.get(key) ?? needs.active.read(device.tenant, product).catch(unlessUnreadable);
    ofProduct.set(key, list);
    return list;
  });
  const read: Read[] = [];
  const unreadable: UnreadableDevice[] = [];
  for (const [at, active] of (await Promise.all(lists)).entries()) {
    const device = devices[at] as DeviceRecord | UnreadableDevice;
    const { tenant, deviceId } = device;
    if (active instanceof UnreadableRowError) unreadable.push({ tenant, deviceId, unreadable: active });
    // Devices come in the order asked, and so do their lists.
    else if (!isUnreadableDevice(device)) read.push({ asking: open[at] as Asking, device, active });
  }
  return { read, unreadable };
}

/** A product whose rollouts cannot be read does not keep the devices of others from their permits. */
function unlessUnreadable(error: unknown): UnreadableRowError {
  if (error instanceof UnreadableRowError) return error;
  throw error;
}

/** The cohort that the permit will be counted in; `known` are those of this batch. */
async function cohortOf(
  { candidate: { says } }: Asking,
  { served, number }: Eligible,
  known: Map<string, Promise<number | undefined>>,
  needs: GrantingNeeds,
): Promise<number | undefined> {
  const key = JSON.stringify([served.rollout, number, says.hardware, says.version]);
  const cohort = known.get(key) ?? openedCohort(served, number, says, needs);
  known.set(key, cohort);
  return cohort;
}

/**
 * The number of a cohort, which is opened with its first window if it is new. `undefined` where it would be a new one and the pooled
 * window is full: numbers are few, and devices that only say that they run this and that must not use them up.
 */
async function openedCohort(
  { rollout, openStage, document, gate }: ServedRollout,
  number: number,
  { hardware, version }: Candidate['says'],
  needs: GrantingNeeds,
): Promise<number | undefined> {
  const tag = openStage.kind === 'tag' && { tag: openStage.tag };
  const name = { hardware, from: version, ...tag };
  const hasRoom = gate.granted < gate.ceiling;
  const isFirst = isEvidence(cohortOfAttempt(number, OTHER_COHORT));
  const numbered = isFirst
    ? await needs.cohorts.numberOf(rollout, name, { isNewAllowed: hasRoom })
    : RETRY_COHORT;
  if (numbered === undefined) return undefined;
  if (!gate.cohorts.has(numbered))
    await tryAgain(needs, () => needs.gates.openCohort(rollout, numbered, document.pace.firstWindow));
  return numbered;
}

const fullWindow = (served: ServedRollout, { ids }: GrantingNeeds): Outcome => ({
  outcome: 'wait',
  retryAfterSeconds: windowAgainSeconds(served, ids.random()),
});

/** Grants within the room of one rollout; answers those that must be judged again. */
async function grantIn(
  group: readonly Wanting[],
  outcomes: Outcome[],
  needs: GrantingNeeds,
): Promise<Asking[]> {
  let waiting = group;
  while (waiting.length > 0) {
    // A group has one rollout, whose gate is read afresh: an epoch may have begun since.
    const { served } = (waiting[0] as Wanting).eligible;
    const gate = await needs.gates.read(served.rollout);
    if (gate?.state !== 'running') return [...waiting];
    const { taken, full } = takeRoom(waiting, gate);
    for (const { index } of full) {
      outcomes[index] = fullWindow(served, needs);
    }
    if (taken.length === 0) return [];
    const rest = waiting.filter((one) => !taken.includes(one) && !full.includes(one));
    const again = await transact(taken, gate, outcomes, needs);
    if (again !== undefined) return [...again, ...rest];
    waiting = rest;
  }
  return [];
}

/** Grants all of `taken` or none; answers those to be judged again, `undefined` when all were granted. */
async function transact(
  taken: readonly Wanting[],
  gate: Gate,
  outcomes: Outcome[],
  needs: GrantingNeeds,
): Promise<readonly Asking[] | undefined> {
  const { rollout } = (taken[0] as Wanting).eligible.served;
  const nowMs = needs.clock.now();
  const grants = taken.map((one) => ({
    device: one.device,
    attempt: attemptOf(one, gate, nowMs, needs.ids.next()),
  }));
  const options = { shard: Math.floor(needs.ids.random() * COUNTER_SHARDS), token: needs.ids.next() };
  const result = await tryAgain(needs, () => needs.permits.grant(rollout, gate, grants, options));
  if (!result.granted) return taken;
  for (const [at, { index }] of taken.entries()) {
    const attempt = grants[at]?.attempt;
    if (attempt !== undefined) outcomes[index] = { outcome: 'granted', rollout, attempt, isNew: true };
  }
  return undefined;
}

/** The first who fit under the pooled ceiling and their cohort's, at most one transaction's worth, and those for whom there is no room. */
function takeRoom(
  waiting: readonly Wanting[],
  gate: Gate,
): { readonly taken: Wanting[]; readonly full: Wanting[] } {
  let pooled = gate.ceiling - gate.granted;
  const rooms = new Map(
    [...gate.cohorts].map(([cohort, { ceiling, granted }]) => [cohort, ceiling - granted]),
  );
  const taken: Wanting[] = [];
  const full: Wanting[] = [];
  for (const one of waiting) {
    const room = rooms.get(one.cohort) ?? 0;
    if (fullWindowOf({ cohort: one.cohort, pooled, ofCohort: room }) !== undefined) full.push(one);
    else if (taken.length < PERMITS_PER_TRANSACTION) {
      taken.push(one);
      rooms.set(one.cohort, room - 1);
      if (isEvidence(one.cohort)) pooled -= 1;
    }
  }
  return { taken, full };
}

function attemptOf(
  { candidate, eligible, previous, cohort }: Wanting,
  gate: Gate,
  nowMs: number,
  id: string,
) {
  const { served, digest, number } = eligible;
  const { atMs, begins, promised } = candidate;
  const lifeMs = Math.min(promised?.withinMs ?? Number.POSITIVE_INFINITY, served.document.permitForMs);
  return openAttempt(
    {
      id,
      number,
      epoch: gate.epoch,
      cohort,
      grantedMs: nowMs,
      permitEndMs: nowMs + lifeMs,
      target: { version: served.release.version, digest, sequence: served.release.sequence },
      from: candidate.says.version,
      bootId: candidate.bootId,
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
