import type { Clock } from '#shared/capabilities/clock.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import { prepareRollout } from '../../domain/decision/active-rollout.ts';
import { matchingOf } from '../../domain/decision/is-member.ts';
import { isHoldingBack, isInHoldOut } from '../../domain/holdout/hold-out.ts';
import { PreviewCounter, type PreviewedRollout } from '../../domain/preview/preview-counter.ts';
import type { PreviewSums } from '../../domain/preview/preview-sums.ts';
import { askForRest, type CountDue } from '../../steps/count-due.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { GateStore } from '../../stores/gate-store.ts';
import { DEVICE_BUCKETS } from '../../stores/keys.ts';
import type { PreviewStore } from '../../stores/preview-store.ts';
import type { ReleaseRecord, ReleaseStore } from '../../stores/release-store.ts';
import type { RolloutRecord } from '../../stores/rollout-store.ts';
import { eachDevice } from './each-device.ts';

/** What counting a draft needs. */
export interface PreviewNeeds {
  readonly releases: ReleaseStore;
  readonly devices: DeviceStore;
  readonly gates: GateStore;
  readonly previews: PreviewStore;
  readonly members: Queue;
  readonly clock: Clock;
}

/**
 * Counts whom a draft would reach, for people to look at: nothing is woken, and the fleet by which a rollout widens is left alone. A
 * draft that was launched or dropped meanwhile is not counted to the end.
 */
export async function countPreview(
  record: RolloutRecord,
  due: CountDue & { readonly preview: PreviewSums; readonly beganMs: number },
  { releases, devices, gates, previews, members, clock }: PreviewNeeds,
  call: Call,
): Promise<void> {
  const { rollout, tenant, product, version } = record;
  const { beganMs } = due;
  const life = await gates.life(rollout);
  const release = await releases.read(tenant, product, version);
  if (life?.state !== 'draft' || release === undefined) return;
  const draft = asLaunched(record, release, beganMs);
  const released = await releases.versions(tenant, product);
  const counter = new PreviewCounter({ ...draft, released }, due.preview, beganMs);
  const place = await eachDevice(tenant, due, counter, devices, call);
  const preview = counter.sums();
  if (place.bucket < DEVICE_BUCKETS) {
    const { cursor: _cursor, ...unmoved } = due;
    await askForRest(members, { ...unmoved, ...place, preview });
  } else await previews.counted(rollout, { ...preview, beganMs, countedMs: clock.now() });
}

/** The draft as if it were launched now: running in its first stage, bound by its release's hold-out or else by its own. */
function asLaunched(
  record: RolloutRecord,
  release: ReleaseRecord,
  nowMs: number,
): Omit<PreviewedRollout, 'released'> {
  const { rollout, tenant, product, document } = record;
  const { version, sequence, artifacts, fromMin, revoked } = release;
  const launched = prepareRollout({
    rollout,
    tenant,
    product,
    state: 'running',
    launchedMs: nowMs,
    document,
    release: {
      name: document.release,
      version,
      sequence,
      published: !revoked,
      artifacts,
      ...(fromMin !== undefined && { fromMin }),
    },
    stage: 0,
    members: 0,
    offeredUpTo: 0,
    stageFull: false,
  });
  const share = shareHeldBack(release, document, launched.isLastStage, nowMs);
  return {
    launched,
    isMatching: matchingOf({ product, selector: document.selector }),
    isHeldBack: (deviceId) => share > 0 && isInHoldOut({ product, sequence }, deviceId, share),
  };
}

function shareHeldBack(
  { holdOut }: ReleaseRecord,
  document: RolloutRecord['document'],
  isLastStage: boolean,
  nowMs: number,
): number {
  if (holdOut === undefined) return document.holdOut?.share ?? 0;
  return isHoldingBack(holdOut, isLastStage, nowMs) ? holdOut.share : 0;
}
