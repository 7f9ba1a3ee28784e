import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conditionExpression, Placeholders, updateExpression } from '#shared/aws/table-expressions.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import { OTHER_COHORT, RETRY_COHORT } from './cohorts.ts';
import { COUNTER_KINDS } from './counter-kinds.ts';
import { type CounterName, counterName, parseCounterName } from './counter-names.ts';
import { sumDeltas, sumShards, totalsOf } from './counters.ts';
import { DELAY_BUCKETS, delayBucket, delayEdgeMs, delayQuantileMs } from './delays.ts';
import { evidenceOf } from './evidence.ts';
import { planShardFold, type ShardFold } from './fold-shard.ts';

const anyName: fc.Arbitrary<CounterName> = fc.oneof(
  fc.record(
    { cohort: fc.nat(RETRY_COHORT), kind: fc.constantFrom(...COUNTER_KINDS), epoch: fc.nat(999_999_999) },
    { requiredKeys: ['cohort', 'kind'] },
  ),
  fc.nat(DELAY_BUCKETS - 1).map((bucket) => ({ delayBucket: bucket })),
);

describe('counter names', () => {
  test('read back what was written', () => {
    expect(counterName({ epoch: 7, cohort: 3, kind: 'good' })).toBe('7.3.good');
    expect(counterName({ cohort: OTHER_COHORT, kind: 'void' })).toBe('0.void');
    fc.assert(fc.property(anyName, (name) => expect(parseCounterName(counterName(name))).toEqual(name)));
  });

  test.each(['pk', 'sk', 'expiresAt', 'dd', 'd'])('pass over %s, which is no counter', (attribute) => {
    expect(parseCounterName(attribute)).toBeUndefined();
  });

  test.each(['1.2.3.good', '1.nothing', '12', '202.good', 'd50', '1..good', '1.good.2'])(
    'cannot read %s',
    (attribute) => {
      expect(() => parseCounterName(attribute)).toThrow(UnreadableEvidenceError);
    },
  );
});

describe('sumShards', () => {
  test('adds shards up, by epoch and cohort', () => {
    const counters = sumShards([
      { pk: 'R#1', sk: 'count#00', '1.good': 4, '7.1.good': 2, d3: 1 },
      { pk: 'R#1', sk: 'count#01', '7.1.good': 1, '7.2.failed': 1, '8.1.void': 3, d3: 2 },
    ]);
    expect(counters.base.get(1)).toEqual({ good: 4 });
    expect(counters.epochs.get(7)?.get(1)).toEqual({ good: 3 });
    expect(counters.delays[3]).toBe(3);
    expect(totalsOf(counters, (epoch) => epoch < 8).get(1)).toEqual({ good: 7 });
    expect(totalsOf(counters, () => true).get(1)).toEqual({ good: 7, void: 3 });
  });

  test('lets a shard be below zero where an excuse was counted, but no total', () => {
    const excuse = { '3.1.failed': -1, '3.1.excused': 1 };
    expect(totalsOf(sumShards([{ '1.failed': 1 }, excuse]), () => true).get(1)).toEqual({
      failed: 0,
      excused: 1,
    });
    expect(() => sumShards([excuse])).toThrow(UnreadableEvidenceError);
  });

  test.each([Number.NaN, 1.5, '3', null, Number.POSITIVE_INFINITY])('cannot read %p as a count', (value) => {
    expect(() => sumShards([{ '1.good': value }])).toThrow(UnreadableEvidenceError);
  });
});

describe('folding', () => {
  const anyShard = fc.dictionary(
    fc
      .record({
        epoch: fc.nat(6),
        cohort: fc.nat(2),
        kind: fc.constantFrom('good' as const, 'void' as const),
      })
      .map(counterName),
    fc.nat(9),
  );

  /** What an update that finds everything as it expects it leaves. */
  const carriedOut = (shard: Readonly<Record<string, number>>, fold: ShardFold) => {
    for (const [attribute, value] of Object.entries(fold.equals)) expect(shard[attribute]).toBe(value);
    expect(Object.keys(fold.equals)).toEqual([...fold.remove]);
    const kept = Object.entries(shard).filter(([name]) => !fold.remove.includes(name));
    return sumDeltas([Object.fromEntries(kept), fold.add]);
  };

  test('leaves every total as it was and removes exactly the old epochs', () => {
    fc.assert(
      fc.property(anyShard, fc.nat(7), (shard, below) => {
        const old = new Set([0, 1, 2, 3, 4, 5, 6].filter((epoch) => epoch < below));
        const folded = planShardFold(shard, old).reduce(carriedOut, shard);
        const after = sumShards([sumDeltas([folded])]);
        const nonZero = Object.fromEntries(Object.entries(shard).filter(([, count]) => count !== 0));
        expect(totalsOf(after, () => true)).toEqual(totalsOf(sumShards([nonZero]), () => true));
        expect([...after.epochs.keys()].filter((epoch) => epoch < below)).toEqual([]);
      }),
    );
  });

  test('fits into the expressions of DynamoDB, however many epochs and cohorts are due at once', () => {
    const shard: Record<string, number> = {};
    for (let epoch = 1; epoch <= 17; epoch += 1) {
      for (let cohort = 1; cohort <= 96; cohort += 1)
        for (const kind of ['good', 'installing'] as const) shard[counterName({ epoch, cohort, kind })] = 1;
    }
    const epochs = new Set(Array.from({ length: 17 }, (_, at) => at + 1));
    const folds = planShardFold(shard, epochs);
    for (const { add, remove, equals } of folds) {
      const placeholders = new Placeholders();
      const when = Object.entries(equals).map(
        ([attribute, value]) => ({ attribute, is: '=', value }) as const,
      );
      const update = { update: { pk: 'p', sk: 's' }, add, remove };
      expect(updateExpression(update, placeholders)?.length).toBeLessThanOrEqual(4_096);
      expect(conditionExpression(when, placeholders)?.length).toBeLessThanOrEqual(4_096);
    }
    const folded = folds.reduce(carriedOut, shard);
    expect(Object.keys(folded)).toHaveLength(2 * 96);
    expect(new Set(Object.values(folded))).toEqual(new Set([17]));
  });

  test('has nothing to do in a shard without old epochs', () => {
    expect(planShardFold({ pk: 'R#1', '9.1.good': 1, '1.good': 5, d1: 1 }, new Set([1, 2]))).toEqual([]);
  });
});

describe('delays', () => {
  test('are counted in buckets whose edge overstates them by 41 % at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 251, max: 40 * 86_400_000 }), (delayMs) => {
        const edgeMs = delayEdgeMs(delayBucket(delayMs));
        expect(edgeMs).toBeGreaterThanOrEqual(delayMs);
        expect(edgeMs).toBeLessThanOrEqual(delayMs * Math.SQRT2 + 1);
      }),
    );
  });

  test.each([
    [-5, 0],
    [0, 0],
    [250, 0],
    [251, 1],
    [Number.MAX_SAFE_INTEGER, DELAY_BUCKETS - 1],
  ])('of %p ms are in bucket %p', (delayMs, bucket) => {
    expect(delayBucket(delayMs)).toBe(bucket);
  });

  test('have a quantile once there is one', () => {
    const delays = Array.from({ length: DELAY_BUCKETS }, () => 0);
    expect(delayQuantileMs(delays, 0.99)).toBeUndefined();
    delays[4] = 99;
    expect(delayQuantileMs(delays, 0.99)).toBe(1_000);
    delays[10] = 1;
    expect(delayQuantileMs(delays, 0.99)).toBe(1_000);
    delays[10] = 2;
    expect(delayQuantileMs(delays, 0.99)).toBe(8_000);
  });
});

describe('evidenceOf', () => {
  const counters = sumShards([
    {
      '1.good': 50,
      '1.failed': 1,
      '2.1.silent': 2,
      '2.1.reverted': 1,
      '2.1.lost': 3,
      '3.1.void': 4,
      '3.1.transient': 5,
    },
    { '1.excused': 2, '201.failed': 1, '1.recovered': 1, '1.installing': 60 },
  ]);
  const granted = new Map([
    [1, 100],
    [2, 10],
    [RETRY_COHORT, 3],
  ]);

  test('counts pending attempts in n and leaves out void, transient and excused ones, and retries', () => {
    expect(evidenceOf(granted, counters)).toEqual([
      { cohort: 1, n: 89, bad: { failureRate: 4, lostRate: 3 }, pooled: true },
      { cohort: 2, n: 10, bad: { failureRate: 0, lostRate: 0 }, pooled: true },
    ]);
  });

  test('marks the cohorts of tag stages', () => {
    expect(evidenceOf(granted, counters, new Set([2])).map(({ pooled }) => pooled)).toEqual([true, false]);
  });

  test('cannot read counts of a cohort that was never granted', () => {
    expect(() => evidenceOf(new Map([[1, 100]]), counters)).toThrow(UnreadableEvidenceError);
  });
});
