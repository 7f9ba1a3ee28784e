import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RETRY_COHORT } from '../counting/cohorts.ts';
import { BAD_KINDS, cohortAlpha, pooledAlpha, taggedAlpha } from './alpha-split.ts';
import { assessEvidence, type CohortCounts } from './assess-evidence.ts';
import { pooledBoundary } from './halt-boundary.ts';
import { evidenceAgainst } from './mixture.ts';
import { crosses } from './scope-tests.ts';
import { UnreadableEvidenceError } from './unreadable-evidence.ts';

const settings = { failureRate: 0.001, lostRate: 0.05, falseHalt: 0.001 };
const cohort = (number: number, n: number, failed: number, lost = 0): CohortCounts => ({
  cohort: number,
  n,
  bad: { failureRate: failed, lostRate: lost },
});

describe('assessEvidence', () => {
  test('continues where nothing was granted', () => {
    const { verdict, tests } = assessEvidence([], settings);
    expect(verdict).toBe('continue');
    expect(tests.map(({ evidenceShare }) => evidenceShare)).toEqual([0, 0]);
  });

  test('halts exactly at the printed boundary of the pooled test', () => {
    for (const { bad, exposed } of pooledBoundary(settings.failureRate, settings.falseHalt)) {
      expect(assessEvidence([cohort(9, exposed, bad)], settings)).toMatchObject({
        verdict: 'halt',
        because: { scope: 'pooled', kind: 'failureRate', k: bad, n: exposed, evidenceShare: 1 },
      });
      expect(assessEvidence([cohort(9, exposed + 1, bad)], settings).verdict).toBe('continue');
    }
  });

  test('halts for a cohort that bricks inside a pool that is healthy', () => {
    const verdict = assessEvidence([cohort(1, 100_000, 20), cohort(2, 10, 10)], settings);
    expect(verdict).toMatchObject({ verdict: 'halt', because: { scope: { cohort: 2 }, k: 10, n: 10 } });
  });

  test('halts because of the test that is farthest over its line, of several that are over it', () => {
    const because = (failed: number, lost: number) => {
      const assessment = assessEvidence([cohort(1, 100, failed, lost), cohort(2, 100, 3)], settings);
      const over = assessment.tests.filter(crosses);
      expect(over.length).toBeGreaterThan(3);
      const farthest = Math.max(...over.map(({ eLog, lineLog }) => eLog - lineLog));
      if (assessment.verdict !== 'halt') throw new Error('must halt');
      expect(assessment.because.eLog - assessment.because.lineLog).toBe(farthest);
      return assessment.because;
    };
    expect(because(40, 40)).toMatchObject({ kind: 'failureRate', scope: { cohort: 1 } });
    expect(because(5, 95)).toMatchObject({ kind: 'lostRate', scope: { cohort: 1 } });
  });

  test('halts on the very line', () => {
    const [test] = assessEvidence([], settings).tests;
    if (test === undefined) throw new Error('no test');
    expect(crosses({ ...test, eLog: 7, lineLog: 7 })).toBe(true);
    expect(crosses({ ...test, eLog: 6.999, lineLog: 7 })).toBe(false);
  });

  test('tests lost devices against their own, larger tolerance', () => {
    expect(assessEvidence([cohort(1, 60, 0, 3)], settings).verdict).toBe('continue');
    expect(assessEvidence([cohort(1, 80, 3, 0)], settings).verdict).toBe('continue');
    expect(assessEvidence([cohort(1, 60, 3, 0)], settings).verdict).toBe('halt');
    expect(assessEvidence([cohort(1, 20, 0, 12)], settings)).toMatchObject({ because: { kind: 'lostRate' } });
  });

  test('keeps the cohorts of tag stages out of the pool but under their own test', () => {
    const bench = { ...cohort(1, 40, 3), pooled: false };
    const { tests } = assessEvidence([bench], settings);
    expect(tests.filter(({ scope }) => scope === 'pooled').map(({ n }) => n)).toEqual([0, 0]);
    expect(assessEvidence([{ ...cohort(1, 6, 6), pooled: false }], settings)).toMatchObject({
      because: { scope: { cohort: 1 } },
    });
  });

  test('tests the devices of stages by tag together, so that many small cohorts hide nothing', () => {
    const withTags = { ...settings, hasTagStage: true };
    const ring = Array.from({ length: 20 }, (_, at) => ({
      ...cohort(at + 1, 3, at < 4 ? 1 : 0),
      pooled: false,
    }));
    expect(assessEvidence(ring, withTags)).toMatchObject({
      verdict: 'halt',
      because: { scope: 'tagged', kind: 'failureRate', k: 4, n: 60 },
    });
    expect(assessEvidence(ring.slice(1), withTags).verdict).toBe('continue');
    const { tests } = assessEvidence([...ring, cohort(21, 100, 1)], withTags);
    expect(tests.filter(({ scope }) => scope === 'pooled').map(({ n }) => n)).toEqual([100, 100]);
    expect(assessEvidence(ring, settings).tests.filter(({ scope }) => scope === 'tagged')).toEqual([]);
  });

  test('takes no evidence from retries', () => {
    expect(assessEvidence([cohort(RETRY_COHORT, 10, 10)], settings)).toMatchObject({ verdict: 'continue' });
  });

  test.each<[string, CohortCounts]>([
    ['more bad than exposed', cohort(1, 2, 3)],
    ['more bad of both kinds than exposed', cohort(1, 5, 3, 3)],
    ['a negative count', cohort(1, -1, 0)],
    ['a negative number of bad', cohort(1, 5, -1)],
    ['a count that is not a number', cohort(1, Number.NaN, 0)],
    ['an infinite count', cohort(1, Number.POSITIVE_INFINITY, 0)],
    ['half a device', cohort(1, 2.5, 0)],
    ['a cohort without a number', cohort(Number.NaN, 5, 0)],
  ])('cannot read %s', (_, counts) => {
    expect(() => assessEvidence([counts], settings)).toThrow(UnreadableEvidenceError);
  });

  test('cannot read a cohort that is named twice', () => {
    expect(() => assessEvidence([cohort(1, 5, 0), cohort(1, 5, 0)], settings)).toThrow(
      UnreadableEvidenceError,
    );
  });

  test.each([
    { ...settings, failureRate: Number.NaN },
    { ...settings, lostRate: 0 },
    { ...settings, falseHalt: 0 },
    { ...settings, falseHalt: 1 },
  ])('cannot read settings that are no rates: %p', (unreadable) => {
    expect(() => assessEvidence([], unreadable)).toThrow(UnreadableEvidenceError);
  });

  test.each([false, true])(
    'splits alpha so that all tests together never own more than all of it, with a stage by tag: %p',
    (hasTagStage) => {
      const alpha = 0.001;
      const shares = BAD_KINDS.flatMap((kind) => [
        pooledAlpha(alpha, kind),
        ...(hasTagStage ? [taggedAlpha(alpha, kind)] : []),
        ...Array.from({ length: 201 }, (_, cohort) => cohortAlpha(alpha, cohort, kind, hasTagStage)),
      ]);
      const spent = shares.reduce((sum, share) => sum + share, 0);
      expect(Math.min(...shares)).toBeGreaterThan(0);
      expect(spent).toBeLessThanOrEqual(alpha);
      expect(spent).toBeGreaterThan(0.99 * alpha);
    },
  );
});

describe('evidenceAgainst', () => {
  test('rises with every bad device and falls with every other, and is always finite', () => {
    const counts = fc.tuple(fc.nat(2_000_000), fc.nat(2_000_000)).filter(([k, n]) => k < n);
    fc.assert(
      fc.property(counts, fc.constantFrom(0.0001, 0.001, 0.01, 0.05, 0.5), ([k, n], p0) => {
        const evidence = evidenceAgainst(p0);
        expect(Number.isFinite(evidence(k, n))).toBe(true);
        expect(evidence(k + 1, n)).toBeGreaterThan(evidence(k, n));
        expect(evidence(k, n + 1)).toBeLessThan(evidence(k, n));
      }),
    );
  });

  test('is the mean of the likelihood ratios over 24 rates from 1.2 p0 to 0.999, log-spaced', () => {
    const p0 = 0.01;
    const rates = Array.from({ length: 24 }, (_, i) => 0.012 * (0.999 / 0.012) ** (i / 23));
    const mean = (k: number, n: number) =>
      rates.reduce((sum, p1) => sum + (p1 / p0) ** k * ((1 - p1) / (1 - p0)) ** (n - k), 0) / 24;
    for (const [k, n] of [
      [0, 0],
      [0, 50],
      [1, 1],
      [3, 8],
      [5, 90],
    ] as const) {
      expect(evidenceAgainst(p0)(k, n)).toBeCloseTo(Math.log(mean(k, n)), 9);
    }
  });

  test('says nothing before the first device', () => {
    expect(evidenceAgainst(0.001)(0, 0)).toBeCloseTo(0, 12);
  });
});
