/**
 * What a counter counts: how many attempts began (`installing`) or ended in a way; no decision needs to know how many are rebooting.
 * `transient` are failures for a reason that says nothing about the release, `recovered` are silent, lost or void devices that were
 * heard again, `excused` are bad ends that an operator took out of the evidence.
 */
export const COUNTER_KINDS = [
  'installing',
  'good',
  'failed',
  'reverted',
  'silent',
  'lost',
  'void',
  'transient',
  'recovered',
  'excused',
] as const;
export type CounterKind = (typeof COUNTER_KINDS)[number];

/** Counts by kind; a kind that is absent was never counted. */
export type KindCounts = Readonly<Partial<Record<CounterKind, number>>>;

/** Ends that speak against the release. */
export const BAD_ENDS = ['failed', 'reverted', 'silent', 'lost'] as const satisfies CounterKind[];

/** Ends after which an attempt no longer fills the window and that stay in the denominator of the test. */
export const SCORED_KINDS = ['good', ...BAD_ENDS] as const satisfies CounterKind[];

/** Ends that take an attempt out of the evidence: it is neither in `n` nor in `k`. */
export const UNCOUNTED_KINDS = ['void', 'transient', 'excused'] as const satisfies CounterKind[];

/** Ends that give the slot of a stage back, so that another device may be exposed instead. */
export const RETURNED_KINDS = ['void', 'transient'] as const satisfies CounterKind[];

/** Every way in which an attempt ends. */
export const ENDED_KINDS = [...SCORED_KINDS, ...RETURNED_KINDS, 'excused'] as const satisfies CounterKind[];

/** How many of the given kinds there are together. */
export function countOf(counts: KindCounts | undefined, kinds: readonly CounterKind[]): number {
  return kinds.reduce((sum, kind) => sum + (counts?.[kind] ?? 0), 0);
}

/** Counts by kind, added up. */
export const sumCounts = (all: readonly KindCounts[]): KindCounts =>
  Object.fromEntries(
    COUNTER_KINDS.map((kind) => [kind, all.reduce((sum, counts) => sum + (counts[kind] ?? 0), 0)]),
  );
