import type { Clock } from '#shared/capabilities/clock.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { memberOf } from '../../domain/decision/is-member.ts';
import { decisionFacts } from '../../domain/device/decision-facts.ts';
import { isHoldingBack, isInHoldOut } from '../../domain/holdout/hold-out.ts';
import { askForRest, type CountDue } from '../../steps/count-due.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { wake } from '../../steps/wake.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import { DEVICE_BUCKETS } from '../../stores/keys.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';
import type { RolloutRecord, RolloutStore } from '../../stores/rollout-store.ts';
import { isUnreadableDevice } from '../../stores/unreadable-device.ts';

interface Needs {
  readonly rollouts: RolloutStore;
  readonly releases: ReleaseStore;
  readonly devices: DeviceStore;
  readonly progress: ProgressStore;
  readonly members: Queue;
  readonly advance: Queue;
  readonly clock: Clock;
}

const PAGE = 500;
/** What remains of the time-out when the rest is left to the next message. */
const LEAVE_MS = 10_000;

/** Counts bucket by bucket; what does not fit into one invocation goes on in the next message. */
export async function countMembers(
  messages: readonly QueueMessage<CountDue>[],
  needs: Needs,
  call: Call,
): Promise<undefined> {
  for (const { body } of messages) {
    call.concerns('control', body.rollout);
    const record = await needs.rollouts.read(body.rollout);
    if (record === undefined) continue;
    const beganMs = body.beganMs ?? needs.clock.now();
    const isHeldBack = await heldBackOf(record, body.stage, beganMs, needs);
    const counted = { ...(await count({ record, from: body, isHeldBack }, needs, call)), beganMs };
    if (counted.bucket < DEVICE_BUCKETS) await askForRest(needs.members, counted);
    else {
      const { rollout, members, tagged, heldBack, stage, looked } = counted;
      const nowMs = needs.clock.now();
      const when = { countBeganMs: beganMs, countedMs: nowMs };
      await needs.progress.counted(rollout, { members, tagged, heldBack, stage, looked, ...when });
      await wake(needs.advance, [{ rollout, atMs: nowMs }], nowMs);
    }
  }
}

/** Who is no member for the time being, because the release has a hold-out that lasts. */
async function heldBackOf(
  { tenant, product, version, document }: RolloutRecord,
  stage: number,
  nowMs: number,
  { releases }: Needs,
): Promise<(deviceId: string) => boolean> {
  const release = await releases.read(tenant, product, version);
  const isLastStage = stage + 1 === document.stages.length;
  if (release?.holdOut === undefined || !isHoldingBack(release.holdOut, isLastStage, nowMs))
    return () => false;
  const { holdOut, sequence } = release;
  return (deviceId) => isInHoldOut({ product, sequence }, deviceId, holdOut.share);
}

/** What is counted, from where on, and who is no member for the time being. */
interface Counting {
  readonly record: RolloutRecord;
  readonly from: CountDue;
  readonly isHeldBack: (deviceId: string) => boolean;
}

/** Counts as far as there is time for: the sums so far, and the bucket that is next, which is `DEVICE_BUCKETS` when all are counted. */
async function count(
  { record, from, isHeldBack }: Counting,
  { devices }: Needs,
  call: Call,
): Promise<CountDue> {
  const { rollout, tenant, product, document } = record;
  const isMember = memberOf({ rollout, product, selector: document.selector });
  const stage = document.stages[from.stage];
  let { bucket, cursor, members, tagged, heldBack, looked } = from;
  while (bucket < DEVICE_BUCKETS && call.remainingMs() > LEAVE_MS) {
    const page = await devices.page(tenant, bucket, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
    // Who cannot be read is no member: a ceiling that is too low exposes nobody.
    tellUnreadable(page.devices.filter(isUnreadableDevice), call);
    for (const device of page.devices) {
      if (isUnreadableDevice(device)) continue;
      const facts = decisionFacts(device);
      if (facts === undefined || !isMember(facts)) continue;
      if (isHeldBack(facts.deviceId)) {
        heldBack += 1;
        continue;
      }
      members += 1;
      if (stage?.kind === 'tag' && facts.tags.includes(stage.tag)) tagged += 1;
    }
    looked += page.devices.length;
    cursor = page.cursor;
    if (cursor === undefined) bucket += 1;
  }
  const sums = { members, tagged, heldBack, looked };
  return { rollout, stage: from.stage, bucket, ...sums, ...(cursor !== undefined && { cursor }) };
}
