import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyFact, CONTEXT, granted, onOld, PERMIT, report, sighting } from '../attempt/attempt.fixture.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { nextAttemptNumber, openAttempt } from '../attempt/open-attempt.ts';
import type { CounterDeltas } from './counters.ts';
import { sumDeltas, sumShards, totalsOf } from './counters.ts';
import { evidenceOf } from './evidence.ts';
import { foldFacts } from './fold-facts.ts';
import { planShardFold } from './fold-shard.ts';
import { rebuildCounters } from './rebuild-counters.fixture.ts';

const DEVICES = ['a', 'b', 'c', 'd'];
const idOf = (device: string): string => `01ATTEMPT0000000000000000${device}`;

/** A step of a rollout: permits for those who may have one, a batch of facts that came twice and shuffled, or a fold. */
const anyStep = fc.oneof(
  fc.record({ step: fc.constant('grant' as const), device: fc.constantFrom(...DEVICES), cohort: fc.nat(2) }),
  fc
    .array(
      fc.constantFrom(...DEVICES).chain((key) => anyFact(idOf(key)).map((fact) => ({ key, fact }))),
      { maxLength: 12 },
    )
    .chain((facts) => fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length }))
    .map((facts) => ({ step: 'facts' as const, facts })),
  fc.record({ step: fc.constant('fold' as const), below: fc.nat(40) }),
);

interface Rollout {
  readonly rows: Map<string, Attempt>;
  readonly shards: CounterDeltas[];
  readonly granted: Map<number, number>;
  epoch: number;
}

const ATTEMPTS_ALLOWED = 3;

function run(rollout: Rollout, step: typeof anyStep extends fc.Arbitrary<infer S> ? S : never): void {
  const { rows, shards, granted: permits } = rollout;
  rollout.epoch += 1;
  const shard = rollout.epoch % shards.length;
  if (step.step === 'grant') {
    const previous = rows.get(step.device);
    const number = nextAttemptNumber(previous, ATTEMPTS_ALLOWED);
    if (typeof number !== 'number') return;
    const permit = { ...PERMIT, id: idOf(step.device), epoch: rollout.epoch, cohort: step.cohort, number };
    const attempt = openAttempt(permit, previous);
    rows.set(step.device, attempt);
    permits.set(attempt.cohort, (permits.get(attempt.cohort) ?? 0) + 1);
  } else if (step.step === 'facts') {
    for (const [key, heard] of Map.groupBy(step.facts, (one) => one.key)) {
      const before = rows.get(key);
      if (before === undefined) continue;
      const facts = heard.map(({ fact }) => fact);
      const { after, deltas } = foldFacts(before, facts, CONTEXT);
      rows.set(key, after);
      shards[shard] = sumDeltas([shards[shard] ?? {}, deltas]);
    }
  } else {
    const old = new Set(Array.from({ length: step.below }, (_, epoch) => epoch));
    for (const [i, counts] of shards.entries()) {
      for (const fold of planShardFold(counts, old)) {
        const kept = Object.entries(shards[i] ?? {}).filter(([name]) => !fold.remove.includes(name));
        shards[i] = sumDeltas([Object.fromEntries(kept), fold.add]);
      }
    }
  }
}

/** Totals by cohort without kinds that cancelled out. */
const flat = (rollout: ReturnType<typeof sumShards>): Record<string, number> =>
  Object.fromEntries(
    [...totalsOf(rollout, () => true)].flatMap(([cohort, counts]) =>
      Object.entries(counts)
        .filter(([, count]) => count !== 0)
        .map(([kind, count]) => [`${cohort}.${kind}`, count]),
    ),
  );

describe('counters', () => {
  test('equal what the rows tell, after any history of repeated and reordered facts, retries and folds', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const rollout: Rollout = { rows: new Map(), shards: [{}, {}, {}], granted: new Map(), epoch: 0 };
        for (const step of steps) run(rollout, step);
        const counters = sumShards(rollout.shards);
        const rebuilt = rebuildCounters(rollout.rows.values());
        expect(flat(rebuilt.counters)).toEqual(flat(counters));
        expect(rebuilt.counters.delays).toEqual(counters.delays);
        expect(new Map([...rebuilt.granted].sort())).toEqual(new Map([...rollout.granted].sort()));
        const byCohort = (granted: ReadonlyMap<number, number>, counts: typeof counters) =>
          evidenceOf(granted, counts).toSorted((a, b) => a.cohort - b.cohort);
        expect(byCohort(rebuilt.granted, rebuilt.counters)).toEqual(byCohort(rollout.granted, counters));
      }),
      { numRuns: 300 },
    );
  });

  test('count by the epoch of the permit where a row holds its first attempt', () => {
    const { after, deltas } = foldFacts(
      granted({ epoch: 9 }),
      [report('installing', 1), sighting(4)],
      CONTEXT,
    );
    expect(deltas).toEqual({ '9.1.installing': 1, '9.1.good': 1, d20: 1 });
    expect(rebuildCounters([after]).counters).toEqual(sumShards([deltas]));
  });
});

describe('foldFacts', () => {
  test('applies facts in the order in which they were heard, not in which they came', () => {
    const facts = [onOld(7), report('rebooting', 5, { seq: 2 }), report('installing', 1)];
    expect(foldFacts(granted(), facts, CONTEXT)).toMatchObject({
      after: { state: 'reverted' },
      deltas: { '3.1.installing': 1, '3.1.reverted': 1 },
    });
  });

  test('applies the events of one report by their sequence', () => {
    const facts = [report('failed', 5, { seq: 3 }), report('installing', 5, { seq: 2 })];
    expect(foldFacts(granted(), facts, CONTEXT).deltas).toEqual({ '3.1.installing': 1, '3.1.failed': 1 });
  });

  test('counts a fact that came twice once, and says so', () => {
    const facts = [report('installing', 1), report('installing', 1)];
    const { deltas, ignored } = foldFacts(granted(), facts, CONTEXT);
    expect(deltas).toEqual({ '3.1.installing': 1 });
    expect(ignored.map(({ because }) => because)).toEqual(['repeated']);
  });

  test('answers the very row that it was given where nothing is to be written', () => {
    const before = granted();
    const { after, deltas } = foldFacts(before, [report('progress', 1)], CONTEXT);
    expect(after).toBe(before);
    expect(deltas).toEqual({});
  });

  test('comes to the same end in whatever order and however often facts arrive in a batch', () => {
    const facts = fc.uniqueArray(anyFact(PERMIT.id), {
      maxLength: 10,
      selector: (fact) => ('atMs' in fact ? fact.atMs : fact.nowMs),
    });
    fc.assert(
      fc.property(
        facts.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        ([inOrder, shuffled]) => {
          const { after, deltas } = foldFacts(granted(), inOrder, CONTEXT);
          expect(foldFacts(granted(), shuffled, CONTEXT)).toMatchObject({ after, deltas });
        },
      ),
    );
  });
});
