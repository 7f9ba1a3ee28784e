import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { HearingStore } from '../stores/hearing-store.ts';
import { HEARING_KEY } from '../stores/keys.ts';
import { nextId } from '../testing/next-id.ts';

describe('silence clocks start again', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
  });
  afterEach(() => host.stop());

  async function resumedAtMs(): Promise<unknown> {
    const [item] = await host.table('rollouts').get([HEARING_KEY], { consistent: true });
    return item?.resumedAtMs;
  }

  const reported = (receiveCount: number) => ({
    Records: [
      {
        messageId: 'm',
        body: JSON.stringify({
          payload: Buffer.from(
            JSON.stringify({
              v: 1,
              rollout: nextId(),
              attempt: nextId(),
              hardware: 'cam-rev-b',
              target: '2.0.0',
              bootId: 'boot-0001',
              events: [{ seq: 1, state: 'installing', uptimeMs: 1 }],
            }),
          ).toString('base64'),
          thing: 'acme:cam-1',
          client: 'acme:cam-1',
          certificate: 'c'.repeat(64),
          at: host.world.now(),
        }),
        attributes: {
          ApproximateReceiveCount: `${receiveCount}`,
          SentTimestamp: `${host.world.now()}`,
        },
      },
    ],
  });

  test('once when the clock was ahead and is put back, and then run on', async () => {
    const hearing = new HearingStore(host.table('rollouts'));
    const rollout = nextId();
    const putBackMs = host.world.now();
    for (const whose of [undefined, rollout]) await hearing.interrupted(putBackMs + 8_760 * 3_600_000, whose);
    expect(await hearing.beat(putBackMs, rollout)).toMatchObject({ resumedAtMs: putBackMs });
    for (let minute = 1; minute <= 3; minute += 1) {
      const beat = await hearing.beat(putBackMs + minute * 60_000, rollout);
      expect(beat).toMatchObject({ resumedAtMs: putBackMs });
    }
  });

  test('when a report comes for the third time, because SQS no longer counts its age', async () => {
    await host.invoke('applyReports', reported(2));
    expect(await resumedAtMs()).toBeUndefined();
    await host.invoke('applyReports', reported(3));
    expect(await resumedAtMs()).toBe(host.world.now());
  });
});
