import { ConflictError, WrongStateError } from '#shared/errors/errors.ts';
import { printPercent } from '../domain/document/percent.ts';
import { digestOfDocument } from '../domain/document/print-document.ts';
import type { RolloutDocument } from '../domain/document/rollout-document.ts';
import type { HoldOut } from '../domain/holdout/hold-out.ts';
import type { ActiveListStore } from '../stores/active-list-store.ts';
import type { HoldOutStore } from '../stores/hold-out-store.ts';
import type { ReleaseRecord } from '../stores/release-store.ts';
import type { RolloutIdentity, RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';
import type { RolloutReader } from './rollout-evidence.ts';

interface Needs {
  readonly reader: RolloutReader;
  readonly holdOuts: HoldOutStore;
  readonly rollouts: RolloutStore;
  readonly listed: ActiveListStore;
}

/**
 * The hold-out that binds a rollout which is launched at `nowMs`: that of its release, which gets it from its first rollout. Throws
 * `WrongStateError` where it is too late for one.
 *
 * It is written before the rollouts that run are looked at, and every permit reads it after its rollout was launched: of two launches
 * at once either this one sees the other, or the other's permits see the hold-out.
 */
export async function holdBack(
  record: RolloutRecord,
  release: ReleaseRecord,
  nowMs: number,
  needs: Needs,
): Promise<HoldOut | undefined> {
  const { document, rollout } = record;
  if (document.holdOut === undefined) return release.holdOut;
  await refuseThatOfAnother(release, record, needs.reader);
  await refuseWhileServed(record, needs);
  const { share, forMs } = document.holdOut;
  const holdOut = { share, untilMs: Math.max(nowMs, document.startMs ?? 0) + forMs };
  const isHeld = await needs.holdOuts.holdBack(release, { ...holdOut, rollout }, release.holdOut);
  if (!isHeld) throw new ConflictError(`release ${document.release} was given a hold-out meanwhile`);
  await refuseWhileServed(record, needs);
  return holdOut;
}

/**
 * Throws `WrongStateError` where the release has the hold-out of another document: one release, one hold-out. Of the very same document a
 * draft can be made, so that whoever was cut off finds what became of it; whether that may be launched, its launch says.
 */
export async function refuseSecondHoldOut(
  release: ReleaseRecord,
  document: RolloutDocument,
  reader: RolloutReader,
): Promise<void> {
  const { holdOut } = release;
  if (holdOut === undefined) return;
  const holder = await reader.readControl(holdOut.rollout);
  if (!isOfDocument(holder?.record, document)) throw secondHoldOut(release, holdOut);
}

/**
 * Throws `WrongStateError` where the release has the hold-out of another rollout. A draft that wrote it and was never launched, because its
 * launch was cut off in between, leaves it to the next one of the same document.
 */
async function refuseThatOfAnother(
  release: ReleaseRecord,
  { rollout, document }: RolloutRecord,
  reader: RolloutReader,
): Promise<void> {
  const { holdOut } = release;
  if (holdOut === undefined || holdOut.rollout === rollout) return;
  const holder = await reader.readControl(holdOut.rollout);
  const isLeft = holder?.gate.launchedMs === undefined && isOfDocument(holder?.record, document);
  if (!isLeft) throw secondHoldOut(release, holdOut);
}

const isOfDocument = (record: RolloutIdentity | undefined, document: RolloutDocument): boolean =>
  record?.document !== undefined && digestOfDocument(record.document) === digestOfDocument(document);

function secondHoldOut({ product, version }: ReleaseRecord, { share, untilMs }: HoldOut): WrongStateError {
  const until = new Date(untilMs).toISOString();
  const has = `${product}/${version} has one of ${printPercent(share)} until ${until}, which binds all of its rollouts`;
  return new WrongStateError('holdOut', `must be left out: ${has}`);
}

async function refuseWhileServed(
  { tenant, product, version, rollout }: RolloutRecord,
  { rollouts, listed }: Needs,
): Promise<void> {
  const found = await listed.active({ tenant, product });
  const records = await Promise.all(found.map((one) => rollouts.identity(one.rollout)));
  const other = records.find((one) => one?.version === version && one.rollout !== rollout);
  if (other === undefined) return;
  const serves = `rollout ${other.rollout} of the same release was launched without one, and it or an attempt of it is not over`;
  throw new WrongStateError('holdOut', `cannot begin: ${serves}`);
}
