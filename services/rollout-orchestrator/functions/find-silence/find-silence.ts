import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { silenceEndsMs } from '../../domain/attempt/apply-deadline.ts';
import { isOpen } from '../../domain/attempt/attempt.ts';
import type { DeadlineFact } from '../../domain/attempt/facts.ts';
import { hearsReports } from '../../domain/attempt/hears-reports.ts';
import { type MovingNeeds, moveAttempts } from '../../steps/move-attempts.ts';
import { attemptContextOf } from '../../steps/rollout-contexts.ts';
import { type RolloutDue, type Wake, wake } from '../../steps/wake.ts';
import type { HearingStore } from '../../stores/hearing-store.ts';
import { SILENCE_SHARDS } from '../../stores/keys.ts';
import type { RolloutRecord, RolloutStore } from '../../stores/rollout-store.ts';

interface Needs extends MovingNeeds {
  readonly rollouts: RolloutStore;
  readonly hearing: HearingStore;
  readonly reports: Backlog;
  readonly advance: Queue;
  readonly silence: Queue;
}

/** Rows looked at per shard and page. */
const PAGE = 100;
/** A row that could not be scored yet is looked at again after so long. */
const AGAIN_MS = 2_000;
/** What remains of the time-out when the rest is left to the next message. */
const LEAVE_MS = 10_000;

/**
 * Scores deadlines that have passed. Nothing is scored while a report that was sent before the deadline may still be unread,
 * and clocks that stood still because nobody could hear begin again with a grace.
 */
export async function findSilence(
  messages: readonly QueueMessage<RolloutDue>[],
  needs: Needs,
  call: Call,
): Promise<undefined> {
  for (const rollout of new Set(messages.map(({ body }) => body.rollout))) {
    call.concerns('control', rollout);
    const record = await needs.rollouts.read(rollout);
    if (record !== undefined) await findSilenceIn(record, needs, call);
  }
}

async function findSilenceIn(record: RolloutRecord, needs: Needs, call: Call): Promise<void> {
  const { clock, hearing, reports } = needs;
  const { rollout } = record;
  const nowMs = clock.now();
  const { resumedAtMs } = await hearing.beat(nowMs);
  // Asked before any row is read: a report that comes later was sent later than every deadline that is due now.
  const unread = await reports.unread();
  if (!hearsReports(unread)) {
    call.log.warn('reports are not being read: silence is not scored', { ...unread });
    call.count('SilenceClockStopped');
    await hearing.interrupted(nowMs);
    return;
  }
  const fact: DeadlineFact = {
    fact: 'deadline',
    nowMs,
    resumedAtMs,
    ...(unread.oldestSentAtMs !== undefined && { oldestUnreadMs: unread.oldestSentAtMs }),
  };
  const later: Wake[] = [];
  let counted = false;
  for (let shard = 0; shard < SILENCE_SHARDS; shard += 1) {
    const found = await scoreShard(record, shard, fact, needs, call);
    later.push(...found.later);
    counted ||= found.counted;
  }
  if (counted) await wake(needs.advance, [{ rollout, atMs: nowMs }], nowMs);
  await wake(needs.silence, earliest(later), nowMs);
}

async function scoreShard(
  record: RolloutRecord,
  shard: number,
  fact: DeadlineFact,
  needs: Needs,
  call: Call,
): Promise<{ readonly later: Wake[]; readonly counted: boolean }> {
  const { rollout, tenant } = record;
  const context = attemptContextOf(record);
  const later: Wake[] = [];
  let counted = false;
  let cursor: string | undefined;
  do {
    const options = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await needs.attempts.due(rollout, shard, fact.nowMs, options);
    const heard = page.due.map(({ deviceId }) => ({ tenant, deviceId, rollout, facts: [fact] }));
    const { settled, left } = await moveAttempts(heard, () => Promise.resolve(context), needs);
    for (const { row } of settled) {
      if (row?.attempt === undefined || !isOpen(row.attempt)) continue;
      const endsMs = silenceEndsMs(row.attempt, fact.resumedAtMs, context);
      later.push({ rollout, atMs: Math.max(endsMs, fact.nowMs + AGAIN_MS) });
    }
    if (left.length > 0) later.push({ rollout, atMs: fact.nowMs + AGAIN_MS });
    const silent = settled.filter((one) => one.counted).length;
    call.count('AttemptsSilent', silent);
    counted ||= silent > 0;
    cursor = page.cursor;
    if (cursor !== undefined && call.remainingMs() < LEAVE_MS) {
      later.push({ rollout, atMs: fact.nowMs });
      break;
    }
  } while (cursor !== undefined);
  return { later, counted };
}

function earliest(wakes: readonly Wake[]): Wake[] {
  const first = wakes.reduce<Wake | undefined>(
    (one, other) => (one && one.atMs <= other.atMs ? one : other),
    undefined,
  );
  return first === undefined ? [] : [first];
}
