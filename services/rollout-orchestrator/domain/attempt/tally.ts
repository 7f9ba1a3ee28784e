import { BAD_ENDS, type CounterKind } from '../counting/counter-kinds.ts';
import { UnreadableRowError } from '../row/attributes.ts';
import { type Attempt, isOpen, type PastTally } from './attempt.ts';

/** What an attempt adds to: its permit, which the gate counts, and the counters. */
export type TallyKind = CounterKind | 'granted';

/** Everything that this attempt was counted as, each once. */
export function tallyOf(attempt: Attempt): readonly TallyKind[] {
  const tally: TallyKind[] = ['granted'];
  if (attempt.reached !== 'granted') tally.push('installing');
  const end = attempt.excused ? 'excused' : endKindOf(attempt);
  if (end !== undefined) tally.push(end);
  if (attempt.recovered) tally.push('recovered');
  return tally;
}

/** What the end of an attempt counts as; `undefined` while it is open. */
export function endKindOf(attempt: Attempt): CounterKind | undefined {
  if (isOpen(attempt)) return undefined;
  if (attempt.excused) return 'excused';
  return attempt.transient ? 'transient' : verdictOf(attempt);
}

/** Whether an end that counts so speaks against the release. */
export const isBad = (kind: CounterKind): boolean => BAD_ENDS.some((end) => end === kind);

function verdictOf({ state }: Attempt): CounterKind {
  if (state === 'granted' || state === 'rebooting')
    throw new UnreadableRowError(`an attempt has an end and the state ${state}`);
  return state;
}

/** The past of an attempt that follows this one. */
export function pastWith(attempt: Attempt): PastTally {
  const past: Record<string, number> = { ...attempt.past };
  for (const kind of tallyOf(attempt)) {
    const name = `${attempt.cohort}.${kind}`;
    past[name] = (past[name] ?? 0) + 1;
  }
  return past;
}

const LETTERS: Readonly<Record<TallyKind, string>> = {
  granted: 'g',
  installing: 'i',
  good: 'o',
  failed: 'f',
  reverted: 'r',
  silent: 's',
  lost: 'l',
  void: 'v',
  transient: 'a',
  recovered: 'h',
  excused: 'e',
};

/** A past as a short text, `1g2v2,201g1`: per cohort a letter and a count for each kind. */
export function packPast(past: PastTally): string {
  const cohorts = new Map<string, string>();
  for (const [name, count] of Object.entries(past)) {
    const [cohort = '', kind = ''] = name.split('.');
    const letter = Object.entries(LETTERS).find(([one]) => one === kind)?.[1];
    if (letter === undefined) throw new UnreadableRowError(`past: cannot write ${name}`);
    cohorts.set(cohort, `${cohorts.get(cohort) ?? ''}${letter}${count}`);
  }
  return [...cohorts].map(([cohort, counts]) => cohort + counts).join(',');
}

/**
 * Reads what `packPast` wrote.
 *
 * @throws UnreadableRowError when it did not
 */
export function unpackPast(text: string): PastTally {
  const past: Record<string, number> = {};
  for (const word of text === '' ? [] : text.split(',')) {
    const [, cohort, counts] = /^(\d{1,3})((?:[a-z]\d{1,9})+)$/.exec(word) ?? [];
    if (cohort === undefined || counts === undefined)
      throw new UnreadableRowError(`past: cannot read ${word}`);
    for (const [, letter, count] of counts.matchAll(/([a-z])(\d+)/g)) {
      const kind = Object.entries(LETTERS).find(([, one]) => one === letter)?.[0];
      if (kind === undefined) throw new UnreadableRowError(`past: cannot read ${word}`);
      past[`${cohort}.${kind}`] = Number(count);
    }
  }
  return past;
}
