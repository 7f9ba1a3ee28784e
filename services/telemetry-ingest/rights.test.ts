import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { batchOf, failure, fromDevice, ROLLOUT } from './testing/events.ts';

describe('the rights of the telemetry’s functions', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['telemetry-ingest'] });
  });
  afterEach(() => host.stop());

  test('are what a report’s way from the queue to the reader needs, and no more', async () => {
    const atMs = host.world.now();
    const handedOver = batchOf(fromDevice('acme:cam-1', failure('flash-write'), atMs));
    await host.queue('report-log').send([{ body: JSON.stringify(handedOver) }]);
    await host.settle();
    const day = new Date(atMs).toISOString().slice(0, 10);
    for (const path of [`/devices/cam-1/reports?day=${day}`, `/rollouts/${ROLLOUT}/reports?day=${day}`]) {
      expect((await host.http('GET', path)).body.reports).toHaveLength(1);
    }
    const { body } = await host.http('GET', `/rollouts/${ROLLOUT}/failures`);
    expect(body.failures).toMatchObject([{ reason: 'flash-write', count: 1 }]);
    expect(host.unusedRights()).toEqual([]);
    expect(await host.deadLetters()).toEqual([]);
  });
});
