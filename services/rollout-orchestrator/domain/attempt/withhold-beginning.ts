import type { Fact } from './facts.ts';

/** Whether a device says that it installs, and not that it has come further. */
export function asksToBegin(facts: readonly Fact[]): boolean {
  const states = facts.flatMap((fact) => (fact.fact === 'report' ? [fact.state] : []));
  return (
    states.includes('installing') && !states.some((state) => state === 'rebooting' || state === 'failed')
  );
}

/** The facts of a device that must not begin: where it asks to, its permit is taken back instead, unless it has begun already. */
export const withholdBeginning = (facts: readonly Fact[]): readonly Fact[] =>
  asksToBegin(facts) ? facts.map(withoutBeginning) : facts;

function withoutBeginning(fact: Fact): Fact {
  if (fact.fact !== 'report' || fact.state !== 'installing') return fact;
  return { fact: 'withdrawn', attempt: fact.attempt, atMs: fact.atMs };
}
