import { applyFact } from './apply-fact.ts';
import { CONTEXT, granted, report } from './attempt.fixture.ts';
import type { Attempt } from './attempt.ts';
import type { Fact } from './facts.ts';

/** The attempt after some facts, and what they counted, in order. */
export function told(
  facts: readonly Fact[],
  start: Attempt = granted(),
): Attempt & { readonly counted: string[] } {
  const counted: string[] = [];
  const attempt = facts.reduce((before, fact) => {
    const { attempt: next, transitions } = applyFact(before, fact, CONTEXT);
    counted.push(...transitions.map(({ kind, change }) => (change > 0 ? kind : `-${kind}`)));
    return next;
  }, start);
  return { ...attempt, counted };
}
/** Why that fact changes nothing of the attempt; `undefined` where it does. */
export const ignoredBy = (attempt: Attempt, fact: Fact) => applyFact(attempt, fact, CONTEXT).ignored;

/** An attempt whose device has said that it begins. */
export const installing = () => told([report('installing', 1)]);
/** An attempt whose device has said that it leaves. */
export const rebooting = () => told([report('installing', 1), report('rebooting', 5, { seq: 2 })]);
