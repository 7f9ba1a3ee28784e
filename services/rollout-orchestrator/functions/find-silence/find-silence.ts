import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { hasTimeIn, tryAgain } from '#shared/retry/try-again.ts';
import { silenceEndsMs } from '../../domain/attempt/apply-deadline.ts';
import { isOpen } from '../../domain/attempt/attempt.ts';
import type { AttemptContext, DeadlineFact } from '../../domain/attempt/facts.ts';
import { hearsReports, unreadSinceMs } from '../../domain/attempt/hears-reports.ts';
import { UnreadableRowError } from '../../domain/row/attributes.ts';
import { eachRollout, type HandedBack, LEAVE_MS } from '../../steps/each-rollout.ts';
import { type MovedAttempts, type MovingNeeds, moveAttempts, tellFaults } from '../../steps/move-attempts.ts';
import type { Heard } from '../../steps/plan-moves.ts';
import { attemptContextOf } from '../../steps/rollout-contexts.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { type RolloutDue, type Wake, wake, wakeNow } from '../../steps/wake.ts';
import type { Deadline, DeadlineList, DeadlineStore } from '../../stores/deadline-store.ts';
import type { HearingStore } from '../../stores/hearing-store.ts';
import { DEADLINE_SHARDS } from '../../stores/keys.ts';
import type { RolloutRecord, RolloutStore } from '../../stores/rollout-store.ts';

interface Needs extends MovingNeeds {
  readonly deadlines: DeadlineStore;
  readonly rollouts: RolloutStore;
  readonly hearing: HearingStore;
  readonly reports: Backlog;
  readonly advance: Queue;
  readonly silence: Queue;
}

/** Lists looked at per shard and page, of at most 49 devices each. */
const PAGE = 4;
/** A row that could not be scored yet is looked at again after so long. */
const AGAIN_MS = 2_000;
/** One whose device cannot be read, or written, is looked at seldom: somebody has to mend that first, or it would only be worse. */
const SELDOM_MS = 60_000;

/**
 * Scores deadlines that have passed. Nothing is scored while a report that was sent before the deadline may still be unread,
 * and clocks that stood still because nobody could hear begin again with a grace.
 */
export function findSilence(
  messages: readonly QueueMessage<RolloutDue>[],
  needs: Needs,
  call: Call,
): Promise<HandedBack> {
  return eachRollout(messages, call, async (rollout) => {
    const record = await readOrInterrupt(rollout, needs, call);
    if (record !== undefined) await findSilenceIn(record, needs, call);
  });
}

/** What its devices say while a rollout cannot be read, nobody can take in: their clocks start again when it is mended. */
async function readOrInterrupt(
  rollout: string,
  { rollouts, hearing, clock }: Needs,
  call: Call,
): Promise<RolloutRecord | undefined> {
  try {
    return await rollouts.read(rollout);
  } catch (error) {
    if (!(error instanceof UnreadableRowError)) throw error;
    call.log.error('a rollout cannot be read: its silence is not scored', { rollout, error });
    call.count('RolloutNotLookedAt');
    await hearing.interrupted(clock.now(), rollout);
    return undefined;
  }
}

async function findSilenceIn(record: RolloutRecord, needs: Needs, call: Call): Promise<void> {
  const { clock, hearing, reports } = needs;
  const { rollout } = record;
  const nowMs = clock.now();
  const { resumedAtMs } = await hearing.beat(nowMs, rollout);
  // Asked before any row is read: a report that comes later was sent later than every deadline that is due now.
  const unread = await reports.unread();
  if (!hearsReports(unread)) {
    call.log.warn('reports are not being read: silence is not scored', { ...unread });
    call.count('SilenceClockStopped');
    await hearing.interrupted(nowMs);
    return;
  }
  const oldestUnreadMs = unreadSinceMs(unread, nowMs);
  const fact: DeadlineFact = {
    fact: 'deadline',
    nowMs,
    resumedAtMs,
    ...(oldestUnreadMs !== undefined && { oldestUnreadMs }),
  };
  const scored: Scored = { later: [], hasCounted: false };
  for (let shard = 0; shard < DEADLINE_SHARDS; shard += 1) {
    if (call.remainingMs() < LEAVE_MS) {
      scored.later.push({ rollout, atMs: nowMs });
      break;
    }
    await scoreShard({ record, shard, fact }, scored, needs, call);
  }
  if (scored.hasCounted) await wakeNow(needs.advance, [rollout]);
  await wake(needs.silence, earliest(scored.later), nowMs);
}

/** What came of scoring so far. */
interface Scored {
  /** When to look at it again. */
  readonly later: Wake[];
  /** Whether an attempt has ended as silent. */
  hasCounted: boolean;
}

/** Deadlines that are due by that fact: one shard of one rollout. */
interface DueShard {
  readonly record: RolloutRecord;
  readonly shard: number;
  readonly fact: DeadlineFact;
}

async function scoreShard(due: DueShard, scored: Scored, needs: Needs, call: Call): Promise<void> {
  const { record, shard, fact } = due;
  let cursor: string | undefined;
  do {
    const options = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await needs.deadlines.due(record.rollout, shard, fact.nowMs, options);
    await scoreLists(page.lists, due, scored, needs, call);
    cursor = page.cursor;
    if (cursor !== undefined && call.remainingMs() < LEAVE_MS) {
      scored.later.push({ rollout: record.rollout, atMs: fact.nowMs });
      return;
    }
  } while (cursor !== undefined);
}

/** Scores the devices of some lists, and puts lists of those that are still open in their place. */
async function scoreLists(
  lists: readonly DeadlineList[],
  { record, shard, fact }: DueShard,
  scored: Scored,
  needs: Needs,
  call: Call,
): Promise<void> {
  const { rollout, tenant } = record;
  const context = attemptContextOf(record);
  const devices = [...new Set(lists.flatMap((list) => list.devices))];
  const heard = devices.map((deviceId): Heard => ({ tenant, deviceId, rollout, facts: [fact] }));
  const moved = await moveAttempts(heard, () => Promise.resolve(context), needs, call);
  tellUnreadable(moved.unreadable, call);
  tellFaults(moved.faults, call);
  if (moved.faults.size > 0) call.count('RolloutNotLookedAt');
  const silent = moved.settled.filter(({ counted }) => counted).length;
  call.count('AttemptsSilent', silent);
  scored.hasCounted ||= silent > 0;
  const open = stillOpen(moved, fact, context);
  scored.later.push(...open.map(({ atMs }) => ({ rollout, atMs })));
  // Who is open still is listed anew before the list that named it is gone.
  const hasTime = hasTimeIn(call);
  const id = needs.ids.next();
  await tryAgain(needs, () => needs.deadlines.list(rollout, open, { shard, id }), hasTime);
  for (const list of lists) await tryAgain(needs, () => needs.deadlines.remove(list), hasTime);
}

/** When to look at those again whose attempts go on, or could not be scored. */
function stillOpen(
  { settled, left, unreadable, faults }: MovedAttempts<Heard>,
  { nowMs, resumedAtMs }: DeadlineFact,
  context: AttemptContext,
): Deadline[] {
  const againMs = nowMs + AGAIN_MS;
  const seldomMs = nowMs + SELDOM_MS;
  const goesOn = settled.flatMap(({ row }) => {
    if (row?.attempt === undefined || !isOpen(row.attempt)) return [];
    const endsMs = silenceEndsMs(row.attempt, resumedAtMs, context);
    return [{ deviceId: row.deviceId, atMs: Math.max(endsMs, againMs) }];
  });
  return [
    ...left.map((one) => ({ deviceId: one.deviceId, atMs: faults.has(one) ? seldomMs : againMs })),
    ...unreadable.map(({ deviceId }) => ({ deviceId, atMs: seldomMs })),
    ...goesOn,
  ];
}

function earliest(wakes: readonly Wake[]): Wake[] {
  const first = wakes.reduce<Wake | undefined>(
    (one, other) => (one && one.atMs <= other.atMs ? one : other),
    undefined,
  );
  return first === undefined ? [] : [first];
}
