import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { fleetCounted } from '../../domain/advance/fleet.ts';
import { isExposedIn } from '../../domain/decision/device.ts';
import { memberOf } from '../../domain/decision/is-member.ts';
import { isHoldingBack, isInHoldOut } from '../../domain/holdout/hold-out.ts';
import { isOver } from '../../domain/lifecycle/commands.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import { askForRest, type CountDue } from '../../steps/count-due.ts';
import { wakeNow } from '../../steps/wake.ts';
import type { FleetChangeStore } from '../../stores/fleet-change-store.ts';
import { DEVICE_BUCKETS } from '../../stores/keys.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import type { ReleaseRecord } from '../../stores/release-store.ts';
import type { RolloutRecord, RolloutStore } from '../../stores/rollout-store.ts';
import { countPreview, type PreviewNeeds } from './count-preview.ts';
import { eachDevice, type Onlooker } from './each-device.ts';

interface Needs extends PreviewNeeds {
  readonly rollouts: RolloutStore;
  readonly progress: ProgressStore;
  readonly fleetChanges: FleetChangeStore;
  readonly advance: Queue;
}

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
    const due = { ...body, beganMs: body.beganMs ?? needs.clock.now() };
    if (due.preview === undefined) {
      const isFirst = body.beganMs === undefined;
      const changeNotes = isFirst ? await notesSoFar(record, due.beganMs, needs) : (due.changeNotes ?? 0);
      await countFleet(record, { ...due, changeNotes }, needs, call);
    } else await countPreview(record, { ...due, preview: due.preview }, needs, call);
  }
}

/**
 * Counts the members of a rollout that was launched, and has it looked at again. One that is over keeps the count that it ended with:
 * devices forget it with their next permit, and a count that comes late would no longer find them.
 */
async function countFleet(
  record: RolloutRecord,
  due: CountDue & { readonly beganMs: number; readonly changeNotes: number },
  needs: Needs,
  call: Call,
): Promise<void> {
  const { rollout, stage, beganMs, changeNotes } = due;
  const hasEnded = async (): Promise<boolean> => {
    const life = await needs.gates.life(rollout);
    return life !== undefined && isOver(life);
  };
  if (await hasEnded()) return;
  const release = await needs.releases.read(record.tenant, record.product, record.version);
  const isHeldBack = heldBackOf(record, release, stage, beganMs);
  const hardware = new Set(release?.artifacts.map((artifact) => artifact.hardware));
  const counted = await count({ record, from: due, hardware, isHeldBack }, needs, call);
  if (counted.bucket < DEVICE_BUCKETS) return askForRest(needs.members, { ...counted, beganMs, changeNotes });
  const { members, tagged, taggedBefore, heldBack, looked } = counted;
  const nowMs = needs.clock.now();
  const when = { countBeganMs: beganMs, countedMs: nowMs, changeNotes };
  const sums = { members, tagged, taggedBefore, heldBack, stage, looked, ...when };
  const isOfTag = record.document.stages[stage]?.kind === 'tag';
  const fleet = isOfTag ? fleetCounted(await needs.progress.fleet(rollout), sums) : sums;
  if (await hasEnded()) return;
  await needs.progress.counted(rollout, fleet);
  await wakeNow(needs.advance, [rollout]);
}

/** How often changes of the devices have been noted; 0 where that cannot be read, so that they are counted again once it can. */
async function notesSoFar(
  { tenant, product }: RolloutRecord,
  nowMs: number,
  { fleetChanges }: Needs,
): Promise<number> {
  try {
    return (await fleetChanges.changes(tenant, product, nowMs)).notes;
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    return 0;
  }
}

/** Who is no member for the time being, because the release has a hold-out that lasts. */
function heldBackOf(
  { product, document }: RolloutRecord,
  release: ReleaseRecord | undefined,
  stage: number,
  nowMs: number,
): (deviceId: string) => boolean {
  const isLastStage = stage + 1 === document.stages.length;
  if (release?.holdOut === undefined || !isHoldingBack(release.holdOut, isLastStage, nowMs))
    return () => false;
  const { holdOut, sequence } = release;
  return (deviceId) => isInHoldOut({ product, sequence }, deviceId, holdOut.share);
}

/** What is counted, from where on, for which hardware, and who is no member for the time being. */
interface Counting {
  readonly record: RolloutRecord;
  readonly from: CountDue;
  readonly hardware: ReadonlySet<string>;
  readonly isHeldBack: (deviceId: string) => boolean;
}

/** Counts as far as there is time for: the sums so far, and the bucket that is next. */
async function count(
  { record, from, hardware, isHeldBack }: Counting,
  { devices }: Needs,
  call: Call,
): Promise<CountDue> {
  const { rollout, tenant, product, document } = record;
  const isMember = memberOf({ rollout, product, selector: document.selector, hardware });
  const stage = document.stages[from.stage];
  let { members, tagged, taggedBefore, heldBack, looked } = from;
  const onlooker: Onlooker = {
    look: (devicesOfPage) => {
      looked += devicesOfPage;
    },
    see: (facts) => {
      if (!isMember(facts)) return;
      if (isHeldBack(facts.deviceId)) {
        heldBack += 1;
        return;
      }
      members += 1;
      if (stage?.kind !== 'tag' || !facts.tags.includes(stage.tag)) return;
      tagged += 1;
      if (isExposedIn(facts, rollout)) taggedBefore += 1;
    },
  };
  const place = await eachDevice(tenant, from, onlooker, devices, call);
  return { rollout, stage: from.stage, ...place, members, tagged, taggedBefore, heldBack, looked };
}
