import * as z from 'zod';
import { UnreadableRowError } from '../row/attributes.ts';
import { type Attempt, END_STATES, OPEN_STATES } from './attempt.ts';
import { packPast, unpackPast } from './tally.ts';
import { packTimeline, unpackTimeline } from './timeline.ts';

const Flag = z.literal(1).exactOptional();
const Count = z.number().int().min(0);

/** An attempt as an item holds it: flat, short names and packed lists, so that a row stays within 1 KB. */
const AttemptRow = z.object({
  id: z.string(),
  number: Count,
  state: z.enum([...OPEN_STATES, ...END_STATES]),
  reached: z.enum(OPEN_STATES),
  epoch: Count,
  cohort: Count,
  grantedMs: Count,
  permitEndMs: Count,
  version: z.string(),
  digest: z.string().exactOptional(),
  sequence: Count,
  from: z.string(),
  boot: z.string(),
  spokenMs: Count,
  asked: Count.exactOptional(),
  promised: Flag,
  deadlineMs: Count.exactOptional(),
  backByMs: Count.exactOptional(),
  endedMs: Count.exactOptional(),
  reason: z.string().exactOptional(),
  transient: Flag,
  excused: Flag,
  recovered: Flag,
  claimed: Flag,
  withdrawn: Flag,
  broken: Count.exactOptional(),
  events: z.string(),
  past: z.string().exactOptional(),
});
type AttemptRow = z.infer<typeof AttemptRow>;

const FLAGS = ['transient', 'excused', 'recovered', 'claimed', 'withdrawn', 'promised'] as const;

/** The attributes of an attempt's row, without its key. */
export function packAttempt(attempt: Attempt): AttemptRow {
  const {
    target,
    bootId,
    interruptions,
    events,
    past,
    transient,
    excused,
    recovered,
    claimed,
    withdrawn,
    promised,
    ...rest
  } = attempt;
  const flags = { transient, excused, recovered, claimed, withdrawn, promised };
  const row: AttemptRow = {
    ...rest,
    version: target.version,
    sequence: target.sequence,
    boot: bootId,
    events: packTimeline(events),
  };
  if (target.digest !== undefined) row.digest = target.digest;
  if (interruptions > 0) row.broken = interruptions;
  if (Object.keys(past).length > 0) row.past = packPast(past);
  for (const flag of FLAGS) if (flags[flag]) row[flag] = 1;
  return row;
}

/**
 * Reads a row; attributes that are none of an attempt's (its key, its revision) are passed over.
 *
 * @throws UnreadableRowError when it is no attempt
 */
export function unpackAttempt(item: Readonly<Record<string, unknown>>): Attempt {
  const read = AttemptRow.safeParse(item);
  if (!read.success) {
    throw new UnreadableRowError(`attempt: ${z.prettifyError(read.error)}`, { cause: read.error });
  }
  const {
    version,
    sequence,
    digest,
    boot,
    broken,
    events,
    past,
    asked,
    deadlineMs,
    backByMs,
    endedMs,
    reason,
    ...rest
  } = read.data;
  const { transient, excused, recovered, claimed, withdrawn, promised, ...plain } = rest;
  return {
    ...plain,
    target: { version, sequence, ...(digest !== undefined && { digest }) },
    bootId: boot,
    ...(asked !== undefined && { asked }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(backByMs !== undefined && { backByMs }),
    ...(endedMs !== undefined && { endedMs }),
    ...(reason !== undefined && { reason }),
    ...(transient && { transient: true }),
    ...(excused && { excused: true }),
    ...(recovered && { recovered: true }),
    ...(claimed && { claimed: true }),
    ...(withdrawn && { withdrawn: true }),
    ...(promised && { promised: true }),
    interruptions: broken ?? 0,
    events: unpackTimeline(events),
    past: unpackPast(past ?? ''),
  };
}
