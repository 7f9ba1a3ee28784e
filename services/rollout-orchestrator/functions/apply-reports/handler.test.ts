import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ReportBatch } from '#shared/contracts/report-batch.ts';
import { ALL_AT_ONCE, quickDocument } from '../../testing/documents.ts';
import { draftAndLaunch } from '../../testing/draft-and-launch.ts';
import { nextId } from '../../testing/next-id.ts';
import { publishRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const DEVICES = 4;
/** Longer than a report is hidden before it is delivered again. */
const HIDDEN_MS = 200_000;

describe('reports that are applied', () => {
  let host: TestHost;
  let rollout: string;
  let devices: ScriptedDevice[];

  beforeEach(async () => {
    // Without telemetry-ingest a queue that nobody reads stands in for its own.
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: DEVICES }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
    rollout = await draftAndLaunch(host, quickDocument('cam/1.1.0', ALL_AT_ONCE));
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0');
  });
  afterEach(() => host.stop());

  async function say(device: ScriptedDevice, different: object = {}): Promise<void> {
    await host.publishFromDevice(device.thing, 'report', {
      v: 1,
      rollout,
      attempt: device.attempt,
      hardware: 'cam-rev-b',
      target: '1.1.0',
      bootId: 'boot-0001',
      events: [{ seq: 1, state: 'installing', uptimeMs: 1 }],
      ...different,
    });
  }
  const sayAll = () => Promise.all(devices.map((device) => say(device)));
  const acknowledged = () =>
    devices.filter(({ thing }) => host.deviceMessages(thing).some(({ topic }) => topic.endsWith('/ack')));
  /** What lies in the queue of the raw log. */
  async function handedOver() {
    const messages = await host.queue('report-log').receive(100, 1);
    return messages.map(({ body }) => ReportBatch.parse(JSON.parse(body)).reports);
  }
  /** Lets a queue fail until the answer is called. */
  function breakQueue(name: string): () => void {
    const queue = host.queue(name);
    const send = queue.send.bind(queue);
    queue.send = () => Promise.reject(new Error(`${name} is not there`));
    return () => {
      queue.send = send;
    };
  }

  test('are handed over for the raw log as one message of the batch, word for word', async () => {
    await sayAll();
    await host.settle();
    expect(acknowledged()).toHaveLength(DEVICES);
    const [batch = [], ...others] = await handedOver();
    expect(others).toEqual([]);
    expect(batch.map(({ thing }) => thing)).toEqual(devices.map(({ thing }) => thing));
    expect(batch[0]).toMatchObject({
      report: { rollout, attempt: devices[0]?.attempt, bootId: 'boot-0001' },
    });
  });

  test('are handed over whatever characters their texts have, and keep none of the others from it', async () => {
    const [device, ...others] = devices as [ScriptedDevice, ...ScriptedDevice[]];
    const detail = 'flash \uffff \ufffe \u0000 \u{1f6a2}';
    await say(device, { events: [{ seq: 1, state: 'installing', uptimeMs: 1, detail }] });
    for (const other of others) await say(other);
    await host.settle();
    expect(acknowledged()).toHaveLength(DEVICES);
    const reports = (await handedOver()).flat();
    expect(reports).toHaveLength(DEVICES);
    expect(reports[0]?.report.events).toMatchObject([{ detail }]);
  });

  test('are handed over without an acknowledgement too, when the device waits for none', async () => {
    const [device] = devices as [ScriptedDevice];
    await say(device, { leaving: true });
    await host.settle();
    expect(acknowledged()).toEqual([]);
    expect(await handedOver()).toHaveLength(1);
  });

  test('are not handed over when no attempt of that device is meant: anybody could fill the log', async () => {
    const [device] = devices as [ScriptedDevice];
    await say(device, { attempt: nextId(), rollout: nextId() });
    await host.settle();
    expect(host.deviceMessages(device.thing).at(-1)?.topic).toMatch(/\/refused$/);
    expect(await handedOver()).toEqual([]);
  });

  test('are acknowledged, and lie with the dead letters, while there is no raw log', async () => {
    const mend = breakQueue('report-log');
    await sayAll();
    await host.settle();
    mend();
    expect(acknowledged()).toHaveLength(DEVICES);
    const [letter, ...others] = await host.deadLetters();
    expect(others).toEqual([]);
    expect(letter?.queue).toBe('orchestrator-dead');
    expect(ReportBatch.parse(JSON.parse(letter?.body ?? '')).reports).toHaveLength(DEVICES);
    expect(host.lines).toContainEqual(
      expect.objectContaining({ message: 'reports could not be handed over for the raw log' }),
    );
  });

  test('are counted once but not acknowledged while neither takes them, and come again until one does', async () => {
    const mends = ['report-log', 'orchestrator-dead'].map(breakQueue);
    await sayAll();
    await host.settle();
    expect(acknowledged()).toEqual([]);
    const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
    expect(await counts()).toMatchObject({ installing: DEVICES });
    for (const mend of mends) mend();
    await host.advance(HIDDEN_MS);
    expect(acknowledged()).toHaveLength(DEVICES);
    expect(await counts()).toMatchObject({ installing: DEVICES });
    expect((await handedOver()).flat()).toHaveLength(DEVICES);
    expect(await host.deadLetters()).toEqual([]);
  });
});
