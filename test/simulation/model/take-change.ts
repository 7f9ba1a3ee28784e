import type { Item } from '#shared/capabilities/table.ts';
import { isSameTags, type Known } from './known.ts';
import type { KnownAttempt, RowChange } from './known-facts.ts';

/** An attempt that a change begins or moves, and its row as it was. */
interface Taken {
  readonly attempt: KnownAttempt;
  readonly was?: Item;
}

/**
 * Takes a change in; answers the attempt that it begins or moves, where it is one's, and its row as it was: open attempts are held by
 * the items of their devices, and so are good ones until the next; others that have ended are items of their own.
 */
export function takeChange(known: Known, { key, after, isOrdered }: RowChange): Taken | undefined {
  if (after === undefined) known.items.delete(key);
  else known.items.set(key, after);
  const [pk = '', sk = ''] = key.split(' ');
  if (/^[RUC]#/.test(pk)) known.touched.add(pk.split('#')[1] ?? '');
  if (after === undefined) return undefined;
  if (pk.startsWith('R#')) {
    if (sk === 'rollout') takeNewRollout(known, pk.slice(2), after);
    else takeRollout(known, pk.slice(2), sk, after);
  }
  if (sk.startsWith('outbox#') && after.type === 'ReleaseWithdrawn') takeWithdrawal(known, after);
  if (pk.startsWith('U#')) return takeAttempt(known, pk.split('#')[1] ?? '', sk, after, isOrdered);
  if (!pk.startsWith('D#')) return undefined;
  takeDevice(known, pk.split('#')[1] ?? '', sk, after);
  const held = (after.open ?? after.proven) as Item | undefined;
  return held && takeAttempt(known, String(held.rollout), sk, held, isOrdered);
}

function takeNewRollout(known: Known, id: string, after: Item): void {
  if (known.rollouts.has(id)) return;
  const [tenant, version] = [String(after.tenant), String(after.version)];
  const document = after.document as { readonly holdOut?: unknown; readonly priority: number };
  const release = known.releaseOf(tenant, version);
  const plan = known.planOf(tenant, version, document.priority);
  if (release === undefined || plan === undefined) return;
  known.rollouts.set(id, {
    id,
    tenant,
    release,
    plan,
    asksHoldOut: document.holdOut !== undefined,
    state: 'draft',
    stage: 0,
    sinceMs: known.nowMs,
    audited: 'draft 0',
    entries: new Set<string>(),
    hasExcuse: false,
  });
  // After a crash what happened in it may be known before it is.
  const others = [...known.items].filter(([key]) => key.startsWith(`R#${id} `) && !key.endsWith(' rollout'));
  for (const [key, item] of others.sort(([one], [other]) => (one < other ? -1 : 1)))
    takeRollout(known, id, key.split(' ')[1] ?? '', item);
}

function takeRollout(known: Known, id: string, sk: string, after: Item): void {
  const rollout = known.rollouts.get(id);
  if (rollout === undefined) return;
  if (sk === 'gate' && after.launchedMs !== undefined) rollout.launchedMs ??= known.nowMs;
  if (sk === 'gate' && after.state !== rollout.state) {
    rollout.state = String(after.state);
    rollout.sinceMs = known.nowMs;
  }
  if (sk === 'progress') {
    rollout.stage = Number(after.stage);
    if (after.stageOpenedMs !== rollout.opened?.notedMs)
      rollout.opened = { notedMs: after.stageOpenedMs, sinceMs: known.nowMs };
    const { movedMs } = (after.cursor ?? {}) as { readonly movedMs?: number };
    if (movedMs !== rollout.moved?.notedMs) rollout.moved = { notedMs: movedMs, sinceMs: known.nowMs };
  }
  // Once more when it is sealed: that says nothing new. After a crash it may be sealed before it is known.
  if (sk.startsWith('audit#') && after.after !== undefined && !rollout.entries.has(sk)) {
    rollout.entries.add(sk);
    rollout.hasExcuse ||= after.action === 'excuse';
    const { state, stage } = after.after as { readonly state: string; readonly stage: number };
    rollout.audited = `${state} ${stage}`;
  }
}

function takeDevice(known: Known, tenant: string, deviceId: string, after: Item): void {
  const device = known.devices.get(`${tenant}:${deviceId}`);
  if (device === undefined) return;
  if (device.item?.decommissioned === true && after.decommissioned === false)
    device.backSinceMs = known.nowMs;
  device.item = after;
  device.knownSinceMs ??= known.nowMs;
  if (Array.isArray(after.tags) && !isSameTags(after.tags, device.tagged.at(-1)?.tags)) {
    device.tagged.push({ tags: after.tags.map(String), sinceMs: known.nowMs });
    device.asks = 0;
  }
  const { version } = (after.running ?? {}) as { readonly version?: string };
  if (version !== undefined && version !== device.seen?.version)
    device.seen = { version, sinceMs: known.nowMs };
  const isShutOut = after.quarantined === true || after.decommissioned === true;
  device.wasInQuarantine ||= after.quarantined === true;
  if (isShutOut) device.shutOutMs ??= known.nowMs;
  else delete device.shutOutMs;
}

function takeWithdrawal(known: Known, after: Item): void {
  const { tenant, version } = after.detail as { readonly tenant: string; readonly version: string };
  known.withdrawn.set(`${tenant} ${version}`, known.nowMs);
}

function takeAttempt(
  known: Known,
  rolloutId: string,
  deviceId: string,
  row: Item,
  isOrdered: boolean,
): Taken | undefined {
  const rollout = known.rollouts.get(rolloutId);
  if (rollout === undefined) return undefined;
  const id = String(row.id);
  const thing = `${rollout.tenant}:${deviceId}`;
  known.touched.add(rolloutId);
  const was = known.attempts.get(id)?.row;
  const attempt: KnownAttempt = known.attempts.get(id) ?? { id, rollout, thing, grantedMs: known.nowMs, row };
  known.attempts.set(id, attempt);
  attempt.row = row;
  if (row.endedMs !== undefined) attempt.endedMs ??= known.nowMs;
  if (isOrdered && row.excused === 1 && was?.excused !== 1) attempt.excusedWhile = rollout.state;
  const device = known.devices.get(thing);
  const sequence = Number(row.sequence);
  if (row.state === 'good' && device !== undefined && sequence > device.floor.sequence)
    device.floor = { sequence, sinceMs: known.nowMs };
  return { attempt, ...(was && { was }) };
}
