import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import { deviceKey, gateKey, progressKey } from '../stores/keys.ts';
import type { ScriptedDevice } from '../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../testing/small-fleet.ts';

const RELEASE = 'cam/1.1.0';

describe('a stage for a tag that opens after a request was judged in the stage before', () => {
  let host: TestHost;
  let devices: readonly ScriptedDevice[];
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  let rollout: string;

  beforeEach(async () => {
    ({ host, devices, first, launch } = await startSmallFleet());
    rollout = await launch({
      stages: [
        { name: 'few', count: 3, gate: { bake: '1d' } },
        { name: 'lab', tag: 'lab', gate: {} },
        { name: 'all', percent: '100%' },
      ],
    });
    expect((await first.check())?.artifact).toBeDefined();
  });

  afterEach(() => host.stop());

  const open = () => host.http('POST', `/rollouts/${rollout}/advance`, { reason: 'the lab is ready' });

  async function expectNone(): Promise<void> {
    expect(await first.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      counts: { granted: 0 },
      stages: [{ state: 'passed' }, { state: 'open' }, {}],
    });
  }

  test('gives no permit to who has no such tag, where it opens before the gate is read', async () => {
    const table = host.table('rollouts');
    const { get } = table;
    const { sk } = gateKey(rollout);
    let isJudged = false;
    table.get = async (keys, options) => {
      const isGateAlone = keys.length === 1 && keys[0]?.sk === sk;
      // Its cohort is looked for once a request was judged, and the gate is read after that.
      if (isJudged && isGateAlone) {
        table.get = get;
        await open();
      }
      isJudged ||= keys.some((key) => key.sk === 'cohorts');
      return get.call(table, keys, options);
    };
    await expectNone();
  });

  test('does not take a permit of the moment in which it opens for one of its own', async () => {
    const table = host.table('rollouts');
    const { transact } = table;
    const { pk, sk } = progressKey(rollout);
    table.transact = async (writes, options) => {
      if (writes.map(keyOf).some((key) => key.pk === pk && key.sk === sk)) {
        table.transact = transact;
        await deliverRequest();
      }
      return transact.call(table, writes, options);
    };
    await devices.at(-1)?.register({ entityVersion: 2, tags: ['lab'] });
    expect(await open()).toMatchObject({ status: 200 });
    expect(first.takePermit()).toMatchObject({ answer: 'granted' });
    await first.install('1.1.0');
    first.boots('1.1.0');
    await first.check();
    await host.advance(60_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      counts: { good: 1 },
      stages: [{ state: 'passed' }, { state: 'open', gate: expect.stringMatching(/^0 of 1 confirmed/) }, {}],
    });
  });

  /** Hands its request over in the middle of something else. */
  async function deliverRequest(): Promise<void> {
    const payload = Buffer.from(JSON.stringify(first.permitRequest(RELEASE))).toString('base64');
    const { thing } = first;
    const event = { payload, thing, client: thing, certificate: 'c'.repeat(64), at: host.world.now() };
    const attributes = { ApproximateReceiveCount: '1', SentTimestamp: `${host.world.now()}` };
    const body = JSON.stringify(event);
    const Records = [{ messageId: 'request', receiptHandle: 'request', body, attributes }];
    await host.invoke('requestPermit', { Records });
  }

  test('gives no permit to who has no such tag, where it opens before the permit is written', async () => {
    const table = host.table('rollouts');
    const { transact } = table;
    const { pk, sk } = deviceKey('acme', first.deviceId);
    table.transact = async (writes, options) => {
      if (writes.map(keyOf).some((key) => key.pk === pk && key.sk === sk)) {
        table.transact = transact;
        await open();
      }
      return transact.call(table, writes, options);
    };
    await expectNone();
  });
});
