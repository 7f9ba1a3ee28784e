import type { Clock } from '#shared/capabilities/clock.ts';
import type { Attempt } from '../domain/attempt/attempt.ts';
import type { ReleasedVersion } from '../domain/decision/device.ts';
import { type DeviceChange, type DeviceRecord, forgettingAllBut } from '../domain/device/device.ts';
import { UnreadableRowError } from '../domain/row/attributes.ts';
import type { AttemptStore } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { isUnreadableDevice, type UnreadableDevice } from '../stores/unreadable-device.ts';
import type { ActiveRollouts, ServedRollout } from './active-rollouts.ts';
import { paired } from './paired.ts';
import {
  type Answered,
  type Candidate,
  type Eligible,
  judgeCandidate,
  questionOf,
} from './permit-candidates.ts';
import type { ReleasedVersions } from './released-versions.ts';
import type { Renewing } from './renew-attempts.ts';

/** What judging needs. */
export interface JudgingNeeds {
  readonly active: ActiveRollouts;
  readonly released: ReleasedVersions;
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly clock: Clock;
}

/** A candidate that may install, with what was read of it. */
export interface EligibleCandidate extends Eligible {
  readonly candidate: Candidate;
  readonly device: DeviceRecord;
  /** What the device may forget with its permit. */
  readonly forgets: DeviceChange;
  /** Its last attempt in that rollout. */
  readonly previous?: Attempt;
}

/** A batch of candidates, each judged for itself. */
export interface Judged {
  /** Those that neither need room nor change their open attempt. */
  readonly answers: readonly Answered[];
  readonly eligible: readonly EligibleCandidate[];
  readonly renewing: readonly Renewing[];
  /** The rollout that each was judged for, where there is one for it and it is active. */
  readonly served: ReadonlyMap<Candidate, ServedRollout | undefined>;
  readonly unreadable: readonly UnreadableDevice[];
}

/** Reads candidates and their rollouts as they are committed now, and judges each; a device that cannot be read keeps no other from it. */
export async function judgeCandidates(
  candidates: readonly Candidate[],
  needs: JudgingNeeds,
): Promise<Judged> {
  const nowMs = needs.clock.now();
  const { read, unreadable } = await readCandidates(candidates, needs);
  const answers: Answered[] = [];
  const asking = read.flatMap((one) => {
    const question = questionOf(one.candidate, one, nowMs);
    if (question !== undefined) return [{ ...one, question }];
    answers.push({ candidate: one.candidate, outcome: { kind: 'nothing' } });
    return [];
  });
  const rows = await needs.attempts.readAll(
    asking.map(({ question: { rollout }, device }) => ({ rollout, device })),
  );
  const eligible: EligibleCandidate[] = [];
  const renewing: Renewing[] = [];
  const served = new Map<Candidate, ServedRollout | undefined>();
  for (const [{ candidate, device, released, active, question }, record] of paired(asking, rows)) {
    if (isUnreadableDevice(record)) {
      unreadable.push(record);
      continue;
    }
    const { rollout } = question;
    served.set(
      candidate,
      active.find((one) => one.rollout === rollout),
    );
    const { attempt: previous } = record;
    const found = { device, released, previous, active };
    const judged = judgeCandidate({ ...candidate, question }, found, nowMs);
    if ('kind' in judged) answers.push({ candidate, outcome: judged });
    else if ('renewal' in judged) renewing.push({ candidate, rollout, judged });
    else {
      const forgets = forgettingAllBut(device, new Set(active.map((one) => one.rollout)));
      eligible.push({ candidate, device, forgets, ...judged, ...(previous && { previous }) });
    }
  }
  return { answers, eligible, renewing, served, unreadable };
}

/** A candidate, on what was read just now. */
interface ReadCandidate {
  readonly candidate: Candidate;
  readonly device: DeviceRecord;
  /** The release that it says it runs, where it was not proven to. */
  readonly released: ReleasedVersion | undefined;
  /** The active rollouts of its product. */
  readonly active: readonly ServedRollout[];
}

async function readCandidates(
  candidates: readonly Candidate[],
  { active: rollouts, released: versions, devices, clock }: JudgingNeeds,
): Promise<{ readonly read: ReadCandidate[]; readonly unreadable: UnreadableDevice[] }> {
  const lists = new Map<string, Promise<readonly ServedRollout[]>>();
  const activeFor = ({ tenant, facts }: DeviceRecord) => {
    const product = facts?.product ?? '';
    const key = `${tenant}#${product}`;
    const list = lists.get(key) ?? rollouts.read(tenant, product);
    lists.set(key, list);
    return list;
  };
  const pairs = paired(candidates, await devices.readAll(candidates));
  const found = await Promise.all(
    pairs.map(async ([candidate, device]): Promise<ReadCandidate | UnreadableDevice> => {
      if (isUnreadableDevice(device)) return device;
      const reading = Promise.all([activeFor(device), versions.of(device, candidate.says, clock.now())]);
      const found = await reading.catch(unlessUnreadable);
      if (found instanceof UnreadableRowError)
        return { tenant: device.tenant, deviceId: device.deviceId, unreadable: found };
      const [active, released] = found;
      return { candidate, device, released, active };
    }),
  );
  return {
    read: found.flatMap((one) => (isUnreadableDevice(one) ? [] : [one])),
    unreadable: found.filter(isUnreadableDevice),
  };
}

/** A product whose rollouts or releases cannot be read does not keep the devices of others from their permits. */
function unlessUnreadable(error: unknown): UnreadableRowError {
  if (error instanceof UnreadableRowError) return error;
  throw error;
}
