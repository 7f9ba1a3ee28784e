import * as z from 'zod';
import { durationBetween } from '#shared/contracts/duration.ts';
import { ReleaseName, Tag } from '#shared/contracts/names.ts';
import { InstallWindowField } from './install-window.ts';
import { rateUpTo, StageShare } from './percent-fields.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A tolerated rate above one half makes the test blind: the fleet may be half dead and nothing is said. */
const MOST_TOLERATED = 500_000;
/** A chance of false halts above 10 % is no promise any more. */
const MOST_FALSE_HALTS = 100_000;

/** A hold-out is the smaller part: half of a fleet that waits is a stage. */
const MOST_HELD_OUT = 500_000;
/** More would be a way to never launch. */
const MOST_APPROVALS = 10;

/** A word that has its place in the document but is not obeyed yet is refused, because a document accepted is a document obeyed. */
const onlyWord = <Word extends string>(word: Word, later: readonly string[]) =>
  z.literal(word, {
    error: ({ input }) =>
      later.some((one) => one === input) ? `${input} is not supported yet` : `must be ${word}`,
  });

const GateField = z.strictObject({
  minConfirmed: z.number().int().min(1).max(1_000_000).optional(),
  bake: durationBetween(0, 90 * DAY).default(0),
});

/** One stage, before the rules that span fields. */
const StageField = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -'),
  tag: Tag.optional(),
  count: z.number().int().min(1).max(1_000_000_000).optional(),
  percent: StageShare.optional(),
  gate: GateField.optional(),
});

const HaltField = z.strictObject({
  failureRate: rateUpTo(MOST_TOLERATED).default(0.001),
  lostRate: rateUpTo(MOST_TOLERATED).default(0.05),
  falseHalt: rateUpTo(MOST_FALSE_HALTS).default(0.001),
  silentAfter: durationBetween(100, 30 * DAY).default(30 * MINUTE),
  suspectAtLeast: durationBetween(100, 30 * DAY).default(2 * MINUTE),
  installWithin: durationBetween(100, 7 * DAY).default(HOUR),
  // biome-ignore lint/suspicious/noThenProperty: the document calls it so; it is a field of data and never awaited.
  then: z
    .literal('pause', {
      error: ({ input }) => (typeof input === 'object' ? 'a rollback is not supported yet' : 'must be pause'),
    })
    .default('pause'),
});

const PaceField = z.strictObject({
  firstWindow: z.number().int().min(1).max(10_000).default(10),
  growth: z.number().min(0.1).max(10).default(1),
  perMinute: z.number().int().min(1).max(10_000_000).default(1000),
});

const HoldOutField = z.strictObject({
  share: StageShare.refine((share) => share <= MOST_HELD_OUT, 'must be at most 50%'),
  for: durationBetween(SECOND, 365 * DAY),
});

/** The document field by field (docs/rollouts.md, "The document"), before the rules that span fields. Unknown fields are refused. */
export const DocumentFields = z.strictObject({
  release: ReleaseName,
  selector: z.string(),
  holdOut: HoldOutField.optional(),
  stages: z.array(StageField).min(1, 'must hold at least one stage').max(20, 'must hold at most 20 stages'),
  halt: HaltField.prefault({}),
  pace: PaceField.prefault({}),
  window: InstallWindowField.optional(),
  start: z.iso
    .datetime({ offset: true, error: 'must be a time with its zone, such as 2026-12-01T00:00:00Z' })
    .refine((time) => Date.parse(time) >= 0, 'must not be before 1970')
    .optional(),
  permitFor: durationBetween(SECOND, DAY)
    .refine((ms) => ms % SECOND === 0, 'must be whole seconds')
    .default(10 * MINUTE),
  permits: z.enum(['asked', 'direct'], 'must be asked or direct').default('asked'),
  settle: durationBetween(SECOND, 365 * DAY).default(7 * DAY),
  stallAfter: durationBetween(SECOND, 365 * DAY).default(7 * DAY),
  approvals: z.number().int().min(0).max(MOST_APPROVALS).default(0),
  priority: z.number().int().min(0).max(1000).default(100),
  mode: onlyWord('forced', ['user-confirms', 'download-only']).default('forced'),
  retry: z.strictObject({ attempts: z.number().int().min(1).max(10).default(1) }).prefault({}),
  standing: z.boolean('must be true or false').default(false),
});
export type DocumentFields = z.infer<typeof DocumentFields>;
