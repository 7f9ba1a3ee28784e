import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { gateKey } from '../../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../../testing/documents.ts';
import { draftAndLaunch } from '../../testing/draft-and-launch.ts';
import { type FailingWrites, failWrites } from '../../testing/failing-writes.ts';
import { publishRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
/** Longer than a request is hidden before it is delivered again. */
const HIDDEN_MS = 130_000;

describe('a batch of requests, of which those of one rollout meet a gate that cannot be written', () => {
  let host: TestHost;
  let held: ScriptedDevice;
  let other: ScriptedDevice;
  let gate: FailingWrites;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    await publishRelease(host, '1.1.0', 2);
    held = new ScriptedDevice(host, 'held');
    other = new ScriptedDevice(host, 'other');
    const launchFor = async (device: ScriptedDevice): Promise<string> => {
      await device.register({ tags: [device.deviceId] });
      const selector = `tag("${device.deviceId}")`;
      const rollout = await draftAndLaunch(host, quickDocument(RELEASE, { ...ALL_AT_ONCE, selector }));
      await device.check();
      return rollout;
    };
    const { pk, sk } = gateKey(await launchFor(held));
    await launchFor(other);
    const hot = new ThrottledError('the gate is hot');
    gate = failWrites(host, (key) => (key.pk === pk && key.sk === sk ? hot : undefined));
  });
  afterEach(() => host.stop());

  test('answers those of all others at once, and those when it can be written again', async () => {
    await held.requestPermit(RELEASE, false);
    expect(await other.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    expect(gate.failed.count).toBeGreaterThan(0);
    expect(held.takePermit()).toBeUndefined();
    gate.mend();
    await host.advance(HIDDEN_MS);
    expect(held.takePermit()).toMatchObject({ answer: 'granted' });
  });

  test('fails where nobody could be answered, so that it is seen', async () => {
    expect(await held.requestPermit(RELEASE)).toBeUndefined();
    expect(host.lines).toContainEqual(expect.objectContaining({ message: 'a queue batch failed' }));
  });
});
