import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const STAGES = [
  { name: 'first', count: 1 },
  { name: 'all', percent: '100%' },
];

describe('a rollout whose stage waits for longer than stallAfter', () => {
  let host: TestHost;
  let device: ScriptedDevice;
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await new ScriptedDevice(host, 'cam-2').register();
    await publishRelease(host, '1.1.0', 2);
    const document = quickDocument('cam/1.1.0', { stages: STAGES, stallAfter: '10m' });
    rollout = await draftAndLaunch(host, document);
  });
  afterEach(() => host.stop());

  const told = () =>
    host.events.flatMap(({ detail }) => {
      const { change, reason } = RolloutChanged.detail.parse(detail);
      return change === 'stalled' ? [reason] : [];
    });
  const shown = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const listed = async () => (await host.http('GET', '/rollouts')).body.rollouts[0];

  test('is stalled, in what is shown of it and on the list, and says for what it waits', async () => {
    await host.advance(300_000);
    for (const view of [await shown(), await listed()]) expect(view).not.toHaveProperty('stalled');
    await host.advance(600_000);
    expect(await shown()).toMatchObject({
      state: 'running',
      stalled: true,
      reason: '0 of 1 confirmed in stage first; permits are to be had, and no device asks for one',
    });
    expect(await listed()).toMatchObject({ rollout, state: 'running', stalled: true });
  });

  test('tells the bus, once for each time', async () => {
    await host.advance(540_000);
    expect(told()).toEqual([]);
    await host.advance(1_800_000);
    expect(told()).toEqual([expect.stringContaining('0 of 1 confirmed in stage first')]);
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'back' });
    await host.advance(540_000);
    expect(told()).toHaveLength(1);
    await host.advance(120_000);
    expect(told()).toHaveLength(2);
  });

  test('does not wait for that once its stage is used up and nothing more can come', async () => {
    await device.check();
    await device.requestPermit('cam/1.1.0');
    await device.report('failed', '1.1.0', 'flash-write');
    await host.advance(60_000);
    expect(await shown()).toMatchObject({ state: 'running', stalled: true });
    expect(told()).toEqual(['0 of 1 confirmed in stage first; no permit is to be had: the stage is full']);
  });

  test('is none that waits to be launched, however long', async () => {
    const document = quickDocument('cam/1.1.0', { stages: STAGES, stallAfter: '10m' });
    const { body: draft } = await host.http('POST', '/rollouts', { document });
    await host.advance(900_000);
    const { body } = await host.http('GET', `/rollouts/${draft.rollout}`);
    expect(body).toMatchObject({ state: 'draft' });
    expect(body).not.toHaveProperty('reason');
  });

  test('says of a stage that nobody is in that it waits for members, and not for devices to ask', async () => {
    const stages = [{ name: 'bench', tag: 'nobody' }, ...STAGES.slice(1)];
    rollout = await draftAndLaunch(host, quickDocument('cam/1.1.0', { stages }));
    await host.advance(60_000);
    const why = '0 of 1 confirmed in stage bench, which can expose only 0: no member has the tag nobody';
    expect(await shown()).toMatchObject({ stalled: true, reason: why, stages: [{ gate: why }, {}] });
    expect(told()).toEqual([why]);
  });

  test('is stalled no more once it goes on, or is paused for another reason', async () => {
    await host.advance(900_000);
    await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'lunch' });
    expect(await shown()).toMatchObject({ state: 'paused', reason: 'lunch' });
    for (const view of [await shown(), await listed()]) expect(view).not.toHaveProperty('stalled');
    await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'back' });
    await device.check();
    await device.requestPermit('cam/1.1.0');
    await device.install('1.1.0');
    device.boots('1.1.0');
    await device.check();
    await host.advance(120_000);
    expect((await shown()).stages).toMatchObject([{ state: 'passed' }, { state: 'open' }]);
    for (const view of [await shown(), await listed()]) expect(view).not.toHaveProperty('stalled');
  });
});
