import { describe, expect, test } from '@jest/globals';
import { budgetFor, clientsIn, mostFor, weigh } from './budget.ts';

const bundle = (kilobytes: number, marker = '') => Buffer.from(marker.padEnd(kilobytes * 1024, ' '));
const S3 = 'x="@aws-sdk/client-s3/3.1";';

describe('the budget of a bundle', () => {
  test('is larger where the clients of buckets or identities are in it', () => {
    expect([mostFor(bundle(1)), mostFor(bundle(1, S3))]).toEqual([550, 750]);
    expect([...clientsIn(bundle(1, S3))]).toEqual(['bucket']);
  });

  test('is nothing for a function that has none, so that a new one gets one', () => {
    expect(weigh('telemetry-ingest', 'newFunction', bundle(100))).toEqual({ kilobytes: 100, budget: 0 });
  });

  test('is the function’s own, and never more than any bundle may have', () => {
    const { budget } = weigh('rollout-orchestrator', 'requestPermit', bundle(100));
    expect(budget).toBeGreaterThan(400);
    expect(budget).toBeLessThanOrEqual(550);
  });

  test('leaves eight percent when a size is accepted, in steps of 10 KB and below the common limit', () => {
    expect([budgetFor(bundle(400)), budgetFor(bundle(391)), budgetFor(bundle(549))]).toEqual([440, 430, 550]);
  });
});
