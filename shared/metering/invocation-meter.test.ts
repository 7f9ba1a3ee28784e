import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { Uploads } from '#shared/capabilities/bucket.ts';
import { arrivalOf } from './arrival.ts';
import { usedUnits } from './billed-unit.ts';
import type { UsageSink } from './instance-meter.ts';
import { InvocationMeter } from './invocation-meter.ts';
import { METERED } from './metered-capabilities.ts';

const sqs = (...bodies: string[]) => ({ Records: bodies.map((body) => ({ body })) });

describe('what one invocation is billed for', () => {
  let added: { about: unknown; usage: unknown; share: number; count: number }[];
  let meter: InvocationMeter;
  beforeEach(() => {
    added = [];
    const sink: UsageSink = {
      add: (about, usage, share, count) =>
        added.push({ about, usage: usedUnits({ ...usage }), share, count }),
    };
    meter = new InvocationMeter({
      functionKey: 'answerWord',
      memoryMegabytes: 512,
      durationMs: (messages, calls) => messages + calls * 10 - 0.5,
      sink,
    });
  });

  test('is the request, its duration in whole milliseconds, its way there and what it calls', () => {
    meter.begin(arrivalOf('device-message', {}));
    meter.called();
    meter.bill('tableReadUnits', 0.5);
    meter.end();
    expect(added).toEqual([
      {
        about: { step: 'answerWord' },
        usage: {
          ruleTriggers: 1,
          ruleActions: 1,
          functionRequests: 1,
          functionGbSeconds: 0.0055,
          tableReadUnits: 0.5,
        },
        share: 1,
        count: 1,
      },
    ]);
  });

  test('is shared by what it says that it is about, and the next one begins with nothing', () => {
    meter.begin(arrivalOf('schedule', {}));
    meter.concerns('report', 'r1', 3);
    meter.concerns('proof', 'r1', 1);
    meter.concerns('report', 'r1', 4);
    meter.end();
    expect(added).toMatchObject([
      { about: { step: 'report', rollout: 'r1' }, share: 7 / 8, count: 7 },
      { about: { step: 'proof', rollout: 'r1' }, share: 1 / 8, count: 1 },
    ]);
    meter.begin(arrivalOf('http', {}));
    meter.end();
    expect(added[2]).toMatchObject({
      about: { step: 'answerWord' },
      usage: { apiRequests: 1, functionRequests: 1 },
    });
  });

  test('is counted once, also when the end is told twice', () => {
    meter.begin(arrivalOf('schedule', {}));
    meter.end();
    meter.end();
    expect(added).toHaveLength(1);
  });
});

describe('what a way into a function costs', () => {
  test('is receives and deletes by the ten, and by 64 KB', () => {
    expect(arrivalOf('queue', sqs(...Array(25).fill('x')))).toEqual({
      messages: 25,
      usage: { queueRequests: 6 },
    });
    expect(arrivalOf('queue', sqs('x'.repeat(150_000))).usage).toEqual({ queueRequests: 4 });
  });

  test('is a rule, an action and a send for each message of a rule, and not for what our functions sent on', () => {
    const events = sqs('{"payload":"e30="}', '{"payload":"e30=","forwarded":true}');
    expect(arrivalOf('device-batch', events, 'rule').usage).toEqual({
      queueRequests: 3,
      ruleTriggers: 1,
      ruleActions: 1,
    });
  });
});

describe('what calls cost', () => {
  const billed = async (act: (meter: InvocationMeter) => Promise<unknown>): Promise<unknown> => {
    const all: unknown[] = [];
    const sink: UsageSink = {
      add: (_, usage) => all.push(usedUnits({ ...usage, functionRequests: 0, functionGbSeconds: 0 })),
    };
    const meter = new InvocationMeter({ functionKey: 'f', memoryMegabytes: 256, durationMs: () => 1, sink });
    meter.begin({ messages: 1, usage: {} });
    await act(meter);
    meter.end();
    return all[0];
  };
  const queue = { send: async () => ({ failed: [] }) };
  const empty = { unread: async () => ({ messages: 0 }) };
  const behind = { unread: async () => ({ messages: 1, oldestSentAtMs: 1, oldestAgeMs: 1 }) };
  const link = { publish: async () => undefined, disconnect: async () => undefined };
  const bus = { publish: async () => ({ failed: [] }) };

  test('of a queue go by batches of ten and 64 KB', async () => {
    const small = Array.from({ length: 21 }, () => ({ body: 'x' }));
    expect(await billed((meter) => METERED.queue(queue, meter).send(small))).toEqual({ queueRequests: 3 });
    const large = [{ body: 'x'.repeat(70_000) }];
    expect(await billed((meter) => METERED.queue(queue, meter).send(large))).toEqual({ queueRequests: 2 });
  });

  test('of a backlog are its counts, and its age where something is unread', async () => {
    const look = (backlog: Backlog) => (meter: InvocationMeter) => METERED.backlog(backlog, meter).unread();
    expect(await billed(look(empty))).toEqual({ queueRequests: 1 });
    expect(await billed(look(behind))).toEqual({ queueRequests: 1, metricReads: 1 });
  });

  test('of the way to devices are a publish and a delivery, in steps of 5 KB', async () => {
    const publish = (sizeBytes: number) => (meter: InvocationMeter) =>
      METERED.deviceLink(link, meter).publish('ek/a:b/ack', Buffer.alloc(sizeBytes));
    expect(await billed(publish(5_120))).toEqual({ iotMessages: 2 });
    expect(await billed(publish(5_121))).toEqual({ iotMessages: 4 });
  });

  test('of an upload are a PUT for its beginning, each part and its end, and a LIST for a renewal', async () => {
    const upload = { uploadId: 'u', partSizeBytes: 1, parts: [1, 2].map((number) => ({ number, url: '' })) };
    const answered = async () => ({ ...upload, expiresAtMs: 1 });
    const nothing = async () => undefined;
    const uploads = { begin: answered, renew: answered, complete: nothing, abort: nothing };
    const of = (act: (metered: Uploads) => Promise<unknown>) =>
      billed((meter) => act(METERED.uploads(uploads, meter)));
    const options = { sizeBytes: 2, lifeSeconds: 60 };
    expect(await of((metered) => metered.begin('k', options))).toEqual({ bucketPuts: 3 });
    expect(await of((metered) => metered.renew('k', 'u', options))).toEqual({ bucketPuts: 1 });
    expect(await of((metered) => metered.complete('k', 'u', []))).toEqual({ bucketPuts: 1 });
    expect(await of((metered) => metered.abort('k', 'u'))).toEqual({});
  });

  test('of the bus go by event, in steps of 64 KB', async () => {
    const event = (text: string) => ({ id: 'i', source: 's', type: 't', detail: { text } });
    const events = [event(''), event('x'.repeat(70_000))];
    expect(await billed((meter) => METERED.bus(bus, meter).publish(events))).toEqual({ busEvents: 3 });
  });
});
