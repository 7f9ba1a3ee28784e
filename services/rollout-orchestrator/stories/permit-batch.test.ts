import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { queueBatch } from '#host/testing/queue-batch.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { PERMITS_PER_TRANSACTION } from '../stores/permit-store.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const ALL_AT_ONCE = { stages: [{ name: 'all', percent: '100%' }], pace: { firstWindow: 1_000 } };

describe('a whole transaction of permits', () => {
  let host: TestHost;
  let devices: ScriptedDevice[];

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: PERMITS_PER_TRANSACTION }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  const launch = (overrides: Record<string, unknown>): Promise<string> =>
    draftAndLaunch(host, quickDocument(RELEASE, { ...ALL_AT_ONCE, ...overrides }));

  /** Hands all that over as one batch of the queue; answers what the function does. */
  const handOver = (asks: readonly object[]): Promise<unknown> => {
    const atMs = host.world.now();
    const events = asks.map((ask, at) => {
      const thing = devices[at]?.thing ?? '';
      const payload = Buffer.from(JSON.stringify(ask)).toString('base64');
      return { payload, thing, client: thing, certificate: 'c'.repeat(64), at: atMs };
    });
    return host.invoke('requestPermit', queueBatch(events, atMs));
  };
  /** The same; answers how many permits the rollout has granted then. */
  const deliver = async (rollout: string, asks: readonly object[]): Promise<number> => {
    await handOver(asks);
    const { counts } = (await host.http('GET', `/rollouts/${rollout}`)).body;
    return counts.granted + counts.installing;
  };

  test('goes to devices that begin with it and to one that does not', async () => {
    const rollout = await launch({});
    const asks = devices.map((device, at) => {
      device.rollout = rollout;
      return { ...device.permitRequest(RELEASE), ...(at > 0 && { begins: 1 }) };
    });
    expect(await deliver(rollout, asks)).toBe(devices.length);
  });

  test('goes to devices that all come from other versions, whose cohorts each have a ceiling of their own', async () => {
    for (const [at, device] of devices.entries()) device.version = `0.9.${at}`;
    const rollout = await launch({});
    const asks = devices.map((device) => {
      device.rollout = rollout;
      return device.permitRequest(RELEASE);
    });
    expect(await deliver(rollout, asks)).toBe(devices.length);
  });

  test.each([
    ['one needs longer than all others', (at: number) => ({ within: at === 0 ? 600 : 120 })],
    ['each comes back at another time', (at: number) => ({ within: 120, backWithin: 7_200 + at * 3_600 })],
  ])('goes to all where %s', async (_, promiseOf) => {
    const rollout = await launch({ permits: 'direct' });
    const asks = devices.map((device, at) => ({ ...device.askingCheck(1), ...promiseOf(at) }));
    expect(await deliver(rollout, asks)).toBe(devices.length);
  });

  describe('where devices cannot be told', () => {
    const asksFor = (rollout: string) =>
      devices.map((device) => {
        device.rollout = rollout;
        return device.permitRequest(RELEASE);
      });
    const told = () =>
      devices.flatMap(({ thing }, at) =>
        host.deviceMessages(thing).some(({ topic }) => topic.endsWith('/permit')) ? [at] : [],
      );
    /** Lets what is published to these fail until the answer is called. */
    const breakLink = (isOf: (topic: string) => boolean): (() => void) => {
      const { publish } = host.link;
      host.link.publish = (topic, payload) =>
        isOf(topic)
          ? Promise.reject(new ThrottledError('too much is published'))
          : publish.call(host.link, topic, payload);
      return () => {
        host.link.publish = publish;
      };
    };

    test('one of them keeps no other from its answer, and its request comes again', async () => {
      const asks = asksFor(await launch({}));
      breakLink((topic) => topic.startsWith(`ek/${devices[1]?.thing}/`));
      expect(await handOver(asks)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
      expect(told()).toEqual([...devices.keys()].filter((at) => at !== 1));
    });

    test('none of them, it shows as an error of the function, and all come again', async () => {
      const asks = asksFor(await launch({}));
      const mend = breakLink(() => true);
      await expect(handOver(asks)).rejects.toThrow('too much is published');
      mend();
      expect(await handOver(asks)).toEqual({ batchItemFailures: [] });
      expect(told()).toHaveLength(devices.length);
    });
  });
});
