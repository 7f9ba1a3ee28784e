import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { queueBatch } from '#host/testing/queue-batch.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { itemBytes } from '#shared/capabilities/limits/item-text.ts';
import { deviceKey } from '../stores/keys.ts';
import { ALL_AT_ONCE, quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';
import { grantedIn } from '../testing/told.ts';

const RELEASE = 'cam/1.1.0';

describe('a permit that an install begins with', () => {
  let host: TestHost;
  let device: ScriptedDevice;
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-1');
    // With others, so that a place in the window that is given back need not come round first.
    for (const id of ['cam-1', 'cam-2', 'cam-3']) await new ScriptedDevice(host, id).register();
    await publishRelease(host, '1.1.0', 2);
    rollout = await draftAndLaunch(host, quickDocument(RELEASE, ALL_AT_ONCE));
    await device.check();
  });

  afterEach(() => host.stop());

  const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
  const abort = () => host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });

  /** Hands a request of that time to the function now, as a queue does that was not read for a while. */
  const deliver = (request: object, atMs: number) => {
    const payload = Buffer.from(JSON.stringify(request)).toString('base64');
    const { thing } = device;
    const event = { payload, thing, client: thing, certificate: 'c'.repeat(64), at: atMs };
    return host.invoke('requestPermit', queueBatch([event], atMs));
  };

  test('is counted as installing at once, and comes to its proof without a word of it', async () => {
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'granted' });
    expect(await counts()).toMatchObject({ granted: 0, installing: 1 });
    await device.report('rebooting', '1.1.0');
    device.boots('1.1.0');
    await device.check();
    expect(await counts()).toMatchObject({ good: 1, installing: 0 });
  });

  test('is held by the item of its device, which stays below the 1 KB that is billed as one unit', async () => {
    await device.askToBegin(RELEASE, 1);
    const [item] = await host
      .table('rollouts')
      .get([deviceKey('acme', device.deviceId)], { consistent: true });
    expect(item).toMatchObject({ open: { rollout, state: 'installing' } });
    expect(itemBytes(item ?? {})).toBeLessThan(900);
  });

  test('is told again to who asks again, and exposes nobody twice', async () => {
    const first = grantedIn(await device.askToBegin(RELEASE, 1));
    await host.advance(100_000);
    const second = grantedIn(await device.askToBegin(RELEASE, 2));
    expect(second).toMatchObject({ answer: 'granted', attempt: first.attempt });
    expect(second.seconds).toBeLessThan(first.seconds - 99);
    expect(await counts()).toMatchObject({ installing: 1, void: 0 });
  });

  test('is neither ended nor begun anew by a copy of its request, late as it may be', async () => {
    await device.askToBegin(RELEASE, 1);
    const { attempt } = grantedIn(await device.askToBegin(RELEASE, 2));
    await abort();
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'withdrawn' });
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'withdrawn' });
    expect(await counts()).toMatchObject({ installing: 1, void: 0 });
    device.attempt = attempt;
    await device.report('rebooting', '1.1.0');
    device.boots('1.1.0');
    await device.check();
    expect(await counts()).toMatchObject({ good: 1 });
  });

  test('whose answer was lost is withdrawn after an abort, and known not to have begun', async () => {
    await device.askToBegin(RELEASE, 1);
    await abort();
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'withdrawn' });
    expect(await counts()).toMatchObject({ installing: 0, void: 1 });
  });

  test('whose answer was lost waits for the end of a pause, and is granted anew', async () => {
    const { attempt } = grantedIn(await device.askToBegin(RELEASE, 1));
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'wait' });
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'back' });
    // A copy of what was granted before: nobody would take the permit.
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'wait' });
    expect(await counts()).toMatchObject({ installing: 0, void: 1 });
    const again = grantedIn(await device.askToBegin(RELEASE, 3));
    expect(again).toMatchObject({ answer: 'granted' });
    expect(again.attempt).not.toBe(attempt);
    expect(await counts()).toMatchObject({ installing: 1, void: 1, lost: 0 });
  });

  test('is not granted after a pause to a copy of what was told to wait in it', async () => {
    await device.askToBegin(RELEASE, 1);
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'wait' });
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'back' });
    // The device took the first answer and is gone: it would be lost.
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'wait' });
    expect(await counts()).toMatchObject({ installing: 0, void: 1 });
  });

  test('that ran out unheard is given back to who asks after its end', async () => {
    const { attempt, seconds } = grantedIn(await device.askToBegin(RELEASE, 1));
    await host.advance((seconds + 5) * 1_000);
    const again = grantedIn(await device.askToBegin(RELEASE, 2));
    expect(again).toMatchObject({ answer: 'granted' });
    expect(again.attempt).not.toBe(attempt);
    expect(await counts()).toMatchObject({ installing: 1, void: 1 });
  });

  test('of a device that vanishes is lost at its deadline', async () => {
    await device.askToBegin(RELEASE, 1);
    await host.advance(8_000_000);
    expect(await counts()).toMatchObject({ lost: 1, void: 0 });
  });

  test('is interrupted by a new boot, which gets a permit of its own', async () => {
    const { attempt } = grantedIn(await device.askToBegin(RELEASE, 1));
    device.boots('1.0.0');
    // It never heard of its permit.
    device.attempt = '';
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'wait' });
    await device.check();
    const again = grantedIn(await device.askToBegin(RELEASE, 2));
    expect(again).toMatchObject({ answer: 'granted' });
    expect(again.attempt).not.toBe(attempt);
    expect(await counts()).toMatchObject({ installing: 1, void: 1 });
  });

  test('takes over a permit that was granted without beginning', async () => {
    const { attempt } = grantedIn(await device.requestPermit(RELEASE));
    expect(await counts()).toMatchObject({ granted: 1, installing: 0 });
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'granted', attempt });
    expect(await counts()).toMatchObject({ granted: 0, installing: 1 });
  });

  test('is not granted to a request that waited longer than its answer may take', async () => {
    const late = { ...device.permitRequest(RELEASE), begins: 1 };
    await deliver(late, host.world.now() - 61_000);
    expect(host.deviceMessages(device.thing).at(-1)?.json).toMatchObject({ answer: 'wait' });
    expect(await counts()).toMatchObject({ installing: 0, granted: 0 });
  });

  test('is not granted to a boot after which another was seen', async () => {
    const before = { ...device.permitRequest(RELEASE), begins: 1 };
    const askedMs = host.world.now();
    await host.advance(1_000);
    device.boots('1.0.0');
    await device.check();
    await deliver(before, askedMs);
    expect(await counts()).toMatchObject({ installing: 0, granted: 0 });
    expect(await device.askToBegin(RELEASE, 1)).toMatchObject({ answer: 'granted' });
  });
});
