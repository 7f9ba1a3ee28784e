import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { checkMessage } from '#shared/capabilities/limits/queue-limits.ts';
import type { OutgoingMessage } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import { CountDue } from '../../steps/count-due.ts';
import { DeviceStore } from '../../stores/device-store.ts';
import { FleetChangeStore } from '../../stores/fleet-change-store.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { fleetKey, previewKey } from '../../stores/keys.ts';
import { PreviewStore } from '../../stores/preview-store.ts';
import { ProgressStore } from '../../stores/progress-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { RolloutStore } from '../../stores/rollout-store.ts';
import { quickDocument } from '../../testing/documents.ts';
import { publishRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';
import { countMembers } from './count-members.ts';

/** More than is left for the rest, so many times; then too little. */
const TIME_MS = 20_000;
const PAGES_AT_ONCE = 30;

let host: TestHost;
let rollout: string;
beforeEach(async () => {
  host = await startTestHost({ services: ['rollout-orchestrator'] });
  await publishRelease(host, '1.1.0', 2);
  for (let n = 0; n < 40; n += 1) await new ScriptedDevice(host, `cam-${n}`).register();
  const document = quickDocument('cam/1.1.0');
  rollout = (await host.http('POST', '/rollouts', { document })).body.rollout;
  await host.settle();
});
afterEach(() => host.stop());

/** Counts as invocations do that have time for a few pages each; answers how many of them it took. */
async function countIn(message: object): Promise<number> {
  const table = host.table('rollouts');
  let left: string[] = [JSON.stringify(message)];
  let invocations = 0;
  for (; left.length > 0; invocations += 1) {
    const due = left.map((body) => ({
      body: CountDue.parse(JSON.parse(body)),
      sentAtMs: 0,
      receiveCount: 1,
    }));
    left = [];
    const keep = (messages: readonly OutgoingMessage[]) => {
      messages.forEach(checkMessage);
      left.push(...messages.map(({ body }) => body));
      return Promise.resolve({ failed: [] });
    };
    const needs = {
      rollouts: new RolloutStore(table),
      releases: new ReleaseStore(table),
      devices: new DeviceStore(table),
      gates: new GateStore(table),
      previews: new PreviewStore(table),
      progress: new ProgressStore(table),
      fleetChanges: new FleetChangeStore(table),
      members: { send: keep },
      advance: { send: () => Promise.resolve({ failed: [] }) },
      clock: { now: () => host.world.now(), pause: () => Promise.resolve() },
    };
    let pages = 0;
    const call = {
      concerns: () => undefined,
      count: () => undefined,
      remainingMs: () => (pages++ < PAGES_AT_ONCE ? TIME_MS : 0),
    };
    // Of a call, counting asks for these and, where a device cannot be read, for the log.
    await countMembers(due, needs, call as unknown as Call);
  }
  return invocations;
}
const stored = async (key: { pk: string; sk: string }) =>
  (await host.table('rollouts').get([key], { consistent: true }))[0];

describe('a count that does not fit into one invocation', () => {
  test('goes on with the next message where a draft is counted, and gives the same', async () => {
    const atOnce = await stored(previewKey(rollout));
    await host.table('rollouts').write({ delete: previewKey(rollout) });
    expect(await countIn({ rollout, stage: 0, preview: {} })).toBe(9);
    expect(await stored(previewKey(rollout))).toEqual(atOnce);
    expect(atOnce).toMatchObject({ looked: 40, members: 40, served: 40 });
  });

  test('goes on with the next message whatever devices say that they run', async () => {
    const from = '1.0 \uffff';
    const device = new ScriptedDevice(host, 'cam-odd', from);
    await device.register();
    await device.check();
    await host.table('rollouts').write({ delete: previewKey(rollout) });
    expect(await countIn({ rollout, stage: 0, preview: {} })).toBe(9);
    const { cohorts } = (await stored(previewKey(rollout))) ?? {};
    expect(cohorts).toContainEqual(expect.objectContaining({ from, devices: 1 }));
  });

  test('goes on with the next message where members are counted, and gives the same', async () => {
    await host.http('POST', `/rollouts/${rollout}/launch`);
    await host.settle();
    const atOnce = await stored(fleetKey(rollout));
    await host.table('rollouts').write({ delete: fleetKey(rollout) });
    expect(await countIn({ rollout, stage: 0 })).toBe(9);
    const times = { countBeganMs: expect.any(Number), countedMs: expect.any(Number) };
    expect(await stored(fleetKey(rollout))).toEqual({ ...atOnce, ...times });
    expect(atOnce).toMatchObject({ looked: 40, members: 40 });
  });
});
