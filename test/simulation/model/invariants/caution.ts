import { createHash } from 'node:crypto';
import { SOMEBODY } from '../../operators/operator.ts';
import { durationMs, rulesOf } from '../document-rules.ts';
import { type Invariant, must, type Verdict, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import type { KnownRollout } from '../known-facts.ts';

/** Clocks of servers differ by two seconds each way. */
const SKEW_MS = 5_000;
/** Between the reading of a clock and the commit of a launch lie retries. */
const LAUNCH_MS = 30_000;
/** No offer is decided on state older than that. */
const STALE_MS = 5_000;

/** A request is judged, by slow reads, so long before its permit is written. */
const JUDGED_WITHIN_MS = 60_000;

/** The digest of a document as it is shown: JSON without spaces, the keys of every object in order. */
export function digestOfShown(document: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const own = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.keys(own)
        .sort()
        .map((key) => [key, sorted(own[key])]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(document)))
    .digest('hex');
}

/** Whether as many others than who created it have asked to approve the very document, each counted once. */
function isApproved({ id, plan }: KnownRollout, known: Known): Verdict {
  const needed = Number(plan.document.approvals ?? 0);
  if (needed === 0) return 'pass';
  const others = [...(known.approvers.get(id) ?? [])].filter((name) => name !== SOMEBODY);
  return must(
    others.length >= needed,
    () => `rollout ${id} goes out, approved by ${others.length} of ${needed} others`,
  );
}

export const approved: Invariant = {
  number: 16,
  rule: 'no launch, offer, permit or stage before others have approved that very document',
  onRow({ key, after }, attempt, known) {
    if (attempt !== undefined) return isApproved(attempt.rollout, known);
    const [pk = '', sk = ''] = key.split(' ');
    const rollout = known.rollouts.get(pk.slice(2));
    if (rollout === undefined || after === undefined) return 'pass';
    const isOut = sk === 'gate' && after.launchedMs !== undefined;
    const isOn = sk === 'progress' && Number(after.stage) > 0;
    return isOut || isOn ? isApproved(rollout, known) : 'pass';
  },
  onTold({ kind, body }, known) {
    if (kind !== 'offer' || body.artifact === undefined) return 'pass';
    const rollout = known.rollouts.get(String(body.rollout));
    return rollout === undefined ? 'pass' : isApproved(rollout, known);
  },
};

/** Whether the model's own draw puts a device into the hold-out of a release. */
export function isHeldOut({ release, plan }: KnownRollout, thing: string): boolean {
  const { share } = (plan.document.holdOut ?? { share: '0%' }) as { readonly share: string };
  const [, deviceId = ''] = thing.split(':');
  const text = [release.product, release.sequence, deviceId].join('\n');
  const drawn = Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16);
  return drawn < (Number.parseFloat(share) / 100) * 2 ** 48;
}

/** Whether a device must not have the release of a rollout, as an offer (which may be decided on older state) or as a permit. */
function isKeptBack(rollout: KnownRollout, thing: string, known: Known, staleMs: number): boolean {
  if (!isHeldOut(rollout, thing)) return false;
  const first = [...known.rollouts.values()].find(
    (one) => one.asksHoldOut && one.release === rollout.release && one.launchedMs !== undefined,
  );
  if (first?.launchedMs === undefined) return false;
  if (first !== rollout && known.nowMs - first.launchedMs <= staleMs) return false;
  const untilMs = Number(known.items.get(`R#${first.id} gate`)?.heldUntilMs);
  const isLastStage = rollout.stage === rulesOf(rollout).stages.length - 1;
  // The end of a hold-out goes by the clock (docs/rollouts.md).
  return known.clock.mostMs(known.nowMs, JUDGED_WITHIN_MS) < untilMs - SKEW_MS || !isLastStage;
}

export const heldBack: Invariant = {
  number: 9,
  rule: 'devices of the hold-out never get the release before the hold-out ends and the last stage is open',
  onRow({ key, before, after, isOrdered }, attempt, known) {
    if (attempt !== undefined) {
      if (before?.id === attempt.id || !isOrdered || attempt.rollout.plan.document.holdOut === undefined)
        return 'pass';
      const { rollout, thing } = attempt;
      return must(!isKeptBack(rollout, thing, known, 0), () => `${thing} of the hold-out gets a permit`);
    }
    const rollout = key.endsWith(' gate') ? known.rollouts.get(key.slice(2, -' gate'.length)) : undefined;
    if (rollout?.asksHoldOut !== true || after?.launchedMs === undefined) return 'pass';
    const { for: text } = rollout.plan.document.holdOut as { readonly for: string };
    const lastsMs = Number(after.heldUntilMs) - Number(after.launchedMs);
    const isSo = Math.abs(lastsMs - durationMs(text)) <= LAUNCH_MS;
    return must(isSo, () => `the hold-out of ${rollout.id} lasts ${lastsMs} ms instead of ${text}`);
  },
  onTold({ thing, kind, body }, known) {
    if (kind !== 'offer' || body.artifact === undefined) return 'pass';
    const rollout = known.rollouts.get(String(body.rollout));
    if (rollout === undefined) return wrong(`${thing} is offered a rollout that is not there`);
    if (rollout.plan.document.holdOut === undefined) return 'pass';
    const isKept = isKeptBack(rollout, thing, known, STALE_MS + 2 * SKEW_MS);
    return must(!isKept, () => `${thing} of the hold-out is offered ${rollout.release.version}`);
  },
};
