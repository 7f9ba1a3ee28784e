import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { REPORT } from '#shared/contracts/examples/device.ts';
import { REPORT_BATCH } from '#shared/contracts/examples/report-batch.ts';

/** Longer than all tries of any queue: ten receipts, each hidden for six minutes at the most. */
const ALL_TRIES_MS = 2 * 3_600_000;
const DAY = 'day=2026-05-28';

/** Lets every invocation of a function fail, as a broken deployment would, until the answer is called. */
function breakFunction(host: TestHost, key: string): () => void {
  const pool = host.host.functions.pools.find(({ name }) => name.endsWith(`-test-${key}`));
  if (pool === undefined) throw new Error(`there is no function ${key}`);
  const invoke = pool.invoke.bind(pool);
  pool.invoke = () => Promise.reject(new Error('a broken deployment'));
  return () => {
    pool.invoke = invoke;
  };
}

describe('a dead letter', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['telemetry-ingest'] });
  });
  afterEach(() => host.stop());

  const logged = async () => (await host.http('GET', `/devices/cam-0001/reports?${DAY}`)).body.reports;

  test('is redriven once its cause is gone, and then applied', async () => {
    const mend = breakFunction(host, 'storeReports');
    await host.queue('report-log').send([{ body: JSON.stringify(REPORT_BATCH.reports) }]);
    await host.advance(ALL_TRIES_MS);
    expect(await host.deadLetters()).toMatchObject([{ queue: 'report-log-dead' }]);
    expect(await logged()).toEqual([]);
    mend();
    await host.advance(2_000);
    expect(await host.host.store.redrive(host.queue('report-log-dead'))).toBe(1);
    await host.settle();
    expect(await host.deadLetters()).toEqual([]);
    expect(await logged()).toMatchObject([{ thing: 'acme:cam-0001', report: REPORT.begins }]);
  });

  test('is what it was, when its cause is in itself', async () => {
    await host.queue('report-log').send([{ body: 'poison' }, { body: JSON.stringify(REPORT_BATCH.reports) }]);
    await host.settle();
    await host.advance(ALL_TRIES_MS);
    expect(await host.deadLetters()).toEqual([{ queue: 'report-log-dead', body: 'poison' }]);
    expect(await logged()).toHaveLength(1);
  });
});
