import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { queueBatch } from '#host/testing/queue-batch.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { itemBytes } from '#shared/capabilities/limits/item-text.ts';
import { deviceKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';
import { grantedIn } from '../testing/told.ts';

const RELEASE = 'cam/1.1.0';
const DIRECT = { permits: 'direct', stages: [{ name: 'all', percent: '100%' }] };
/** As `quickDocument` says. */
const SILENT_AFTER_MS = 3_600_000;

describe('a check that would begin at once', () => {
  let host: TestHost;
  let devices: ScriptedDevice[];
  let device: ScriptedDevice;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = ['cam-1', 'cam-2', 'cam-3'].map((id) => new ScriptedDevice(host, id));
    for (const one of devices) await one.register();
    device = devices[0] as ScriptedDevice;
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(() => host.stop());

  const launch = (overrides: Record<string, unknown> = {}): Promise<string> =>
    draftAndLaunch(host, quickDocument(RELEASE, { ...DIRECT, ...overrides }));
  const counts = async (rollout: string) => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
  const abort = (rollout: string) =>
    host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
  const heard = () => host.deviceMessages(device.thing).length;

  test('gets its permit and its release in one message, and nothing else', async () => {
    const rollout = await launch();
    const answer = grantedIn(await device.checkToBegin(1));
    expect(answer).toMatchObject({
      answer: 'granted',
      rollout,
      offer: { release: RELEASE, version: '1.1.0', sequence: 2, artifact: { sizeBytes: 1000 } },
    });
    expect(answer.seconds).toBeGreaterThan(110);
    expect(answer.seconds).toBeLessThanOrEqual(120);
    expect(heard()).toBe(1);
    expect(await counts(rollout)).toMatchObject({ installing: 1, granted: 0 });
    const [item] = await host
      .table('rollouts')
      .get([deviceKey('acme', device.deviceId)], { consistent: true });
    expect(itemBytes(item ?? {})).toBeLessThan(900);
  });

  test('comes to its proof without another word', async () => {
    const rollout = await launch();
    await device.checkToBegin(1);
    device.boots('1.1.0');
    await device.prove();
    expect(await counts(rollout)).toMatchObject({ good: 1, installing: 0 });
    expect(heard()).toBe(1);
  });

  test('is offered first, as everybody else, in a rollout that is asked for permits', async () => {
    const rollout = await launch({ permits: 'asked' });
    expect(await device.checkToBegin(1)).toMatchObject({
      rollout,
      release: RELEASE,
      manifest: expect.any(String),
    });
    expect(await counts(rollout)).toMatchObject({ installing: 0, granted: 0 });
  });

  test('is offered first where it takes longer than a permit of that rollout lives', async () => {
    await launch();
    expect(await device.checkToBegin(1, { within: 601 })).toMatchObject({ manifest: expect.any(String) });
    expect(await device.checkToBegin(2, { within: 600 })).toMatchObject({ answer: 'granted' });
  });

  test('of a device that cannot begin at once is offered first', async () => {
    await launch();
    expect(await device.check()).toMatchObject({ release: RELEASE, manifest: expect.any(String) });
  });

  test('that is asked again is told the same attempt, and exposes nobody twice', async () => {
    const rollout = await launch();
    const first = grantedIn(await device.checkToBegin(1));
    await host.advance(70_000);
    const second = grantedIn(await device.checkToBegin(2));
    expect(second).toMatchObject({ answer: 'granted', attempt: first.attempt, offer: { release: RELEASE } });
    expect(second.seconds).toBeLessThanOrEqual(first.seconds - 69);
    expect(await counts(rollout)).toMatchObject({ installing: 1, void: 0 });
  });

  test('that comes twice is told the same, and neither begins nor ends anything', async () => {
    const rollout = await launch();
    const check = device.askingCheck(1);
    await host.publishFromDevice(device.thing, 'check', check);
    await host.settle();
    await host.publishFromDevice(device.thing, 'check', check);
    await host.settle();
    expect(await counts(rollout)).toMatchObject({ installing: 1, void: 0 });
  });

  test('whose permit ran out unheard is granted anew', async () => {
    const rollout = await launch();
    const { attempt } = grantedIn(await device.checkToBegin(1));
    await host.advance(125_000);
    const again = grantedIn(await device.checkToBegin(2));
    expect(again).toMatchObject({ answer: 'granted' });
    expect(again.attempt).not.toBe(attempt);
    expect(await counts(rollout)).toMatchObject({ installing: 1, void: 1 });
  });

  test('may go on by asking in two steps, with what it has downloaded', async () => {
    const rollout = await launch();
    await device.checkToBegin(1);
    await host.advance(125_000);
    expect(await device.askToBegin(RELEASE, 2)).toMatchObject({ answer: 'granted' });
    expect(await counts(rollout)).toMatchObject({ installing: 1, void: 1 });
  });

  test('gets nothing after an abort, which its next check shows to have come in time', async () => {
    const rollout = await launch();
    await device.checkToBegin(1);
    await abort(rollout);
    const before = heard();
    await device.checkToBegin(2);
    expect(heard()).toBe(before);
    expect(await counts(rollout)).toMatchObject({ installing: 0, void: 1 });
  });

  test('gets nothing from a rollout that is paused', async () => {
    const rollout = await launch();
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
    await device.checkToBegin(1);
    expect(heard()).toBe(0);
    expect(await counts(rollout)).toMatchObject({ installing: 0, granted: 0 });
  });

  test('gets no more permits than the window holds; who has to wait is told when', async () => {
    const rollout = await launch({ pace: { firstWindow: 1 } });
    const answers = [];
    for (const one of devices) answers.push(await one.checkToBegin(1));
    expect(answers.filter((one) => one?.answer === 'granted')).toHaveLength(1);
    for (const answer of answers.filter((one) => one?.answer !== 'granted'))
      expect(answer).toMatchObject({ retryAfter: expect.any(Number), nonce: expect.any(String) });
    expect(await counts(rollout)).toMatchObject({ installing: 1 });
  });

  test('of a device that vanishes is silent once its permit and its silence are over, and not sooner', async () => {
    const rollout = await launch();
    await device.checkToBegin(1);
    await host.advance(120_000 + SILENT_AFTER_MS - 5_000);
    expect(await counts(rollout)).toMatchObject({ installing: 1, silent: 0 });
    await host.advance(120_000);
    expect(await counts(rollout)).toMatchObject({ installing: 0, silent: 1, lost: 0 });
  });

  test('of a device that is back on its old version is a revert if it says that it had left, else an interruption', async () => {
    const rollout = await launch();
    const [first, second] = devices as [ScriptedDevice, ScriptedDevice];
    await first.checkToBegin(1);
    await second.checkToBegin(1);
    first.boots('1.0.0');
    second.boots('1.0.0');
    // It never heard of its permit.
    second.attempt = '';
    await first.prove();
    await second.prove();
    expect(await counts(rollout)).toMatchObject({ reverted: 1, void: 1, installing: 0 });
  });

  test('is not granted once its answer would come too late', async () => {
    const rollout = await launch();
    const payload = Buffer.from(JSON.stringify(device.askingCheck(1))).toString('base64');
    const { thing } = device;
    const at = host.world.now() - 61_000;
    const event = { payload, thing, client: thing, certificate: 'c'.repeat(64), at };
    await host.invoke('requestPermit', queueBatch([event], at));
    expect(await counts(rollout)).toMatchObject({ installing: 0, granted: 0 });
  });

  test('fails at once when it says so, and its place goes back where that says nothing about the release', async () => {
    const rollout = await launch();
    await device.checkToBegin(1);
    expect(await device.report('failed', '1.1.0', 'no-space')).toMatchObject({ ackSeq: 1 });
    expect(await counts(rollout)).toMatchObject({ installing: 0, failed: 0 });
  });
});
