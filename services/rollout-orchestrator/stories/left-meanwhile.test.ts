import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { keyOf } from '#shared/capabilities/key-of.ts';
import { deviceKey } from '../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
/** What the registry says of a device. */
type Facts = Parameters<ScriptedDevice['register']>[0];

describe('a device that the registry changes after its request was judged and before its permit is written', () => {
  let host: TestHost;
  let device: ScriptedDevice;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-1');
    await device.register({ tags: ['lab'] });
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  /** Lets the registry say so in the very moment in which the next permit would be written. */
  function meanwhile(facts: Facts): void {
    const table = host.table('rollouts');
    const { transact } = table;
    const { pk, sk } = deviceKey('acme', device.deviceId);
    table.transact = async (writes, options) => {
      const isOfDevice = writes.map(keyOf).some((key) => key.pk === pk && key.sk === sk);
      if (isOfDevice) {
        table.transact = transact;
        await device.register({ entityVersion: 2, ...facts });
      }
      return transact.call(table, writes, options);
    };
  }

  test.each<[string, Record<string, unknown>, Facts, string]>([
    ['is decommissioned', {}, { decommissioned: true }, 'withdrawn'],
    ['leaves the selector', { selector: 'tag("lab")' }, { tags: [] }, 'withdrawn'],
    [
      'loses the tag of the open stage',
      { stages: [{ name: 'lab', tag: 'lab', gate: {} }, ...ALL_AT_ONCE.stages] },
      { tags: [] },
      'wait',
    ],
  ])('and that %s gets none', async (_, document, facts, answer) => {
    const rollout = await draftAndLaunch(host, quickDocument(RELEASE, { ...ALL_AT_ONCE, ...document }));
    expect((await device.check())?.artifact).toBeDefined();
    meanwhile(facts);
    expect(await device.requestPermit(RELEASE)).toMatchObject({ answer });
    const { counts } = (await host.http('GET', `/rollouts/${rollout}`)).body;
    expect(counts).toMatchObject({ granted: 0, installing: 0 });
  });

  test('and that is served as before gets it all the same', async () => {
    await draftAndLaunch(host, quickDocument(RELEASE, ALL_AT_ONCE));
    expect((await device.check())?.artifact).toBeDefined();
    meanwhile({ tags: ['lab', 'shelf-3'] });
    expect(await device.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
  });
});
