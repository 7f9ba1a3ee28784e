import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compilePattern } from '#host/events/pattern.ts';
import { describeBus, type HandedEvent } from '#shared/capabilities/conformance/bus.suite.ts';
import { AccessDeniedError } from '#shared/errors/errors.ts';
import { EventBridgeBus } from './bus.ts';
import { losesAnswer, refuses } from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { stubbedSettings } from './testing/oracle-process.ts';
import {
  answer,
  type Handling,
  json,
  scopeOf,
  Wire,
  type WireAnswer,
  type WireRequest,
} from './testing/wire.ts';

pauseForNothing();

const NAME = 'evenkeel-test';
/** PutEvents, "Request parameters": 10 entries, 256 KB in all. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;

interface PutEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

/** PutEvents as the reference describes it, and rules as this project reads their patterns. */
async function openBus() {
  const taken: HandedEvent[] = [];
  const wire = await Wire.open((asked) => putEvents(asked, taken));
  const client = new EventBridgeClient(stubbedSettings(wire));
  return {
    wire,
    taken,
    bus: new EventBridgeBus(client, NAME),
    async subscribe(pattern: unknown) {
      const matches = compilePattern(pattern);
      let handed = taken.length;
      return async () => {
        const news = taken.slice(handed).filter((event) => matches({ ...event }));
        handed = taken.length;
        return news;
      };
    },
    async close() {
      client.destroy();
      await wire.close();
    },
  };
}

function putEvents(asked: WireRequest, taken: HandedEvent[]): WireAnswer {
  const { Entries } = JSON.parse(asked.body.toString()) as { readonly Entries: readonly PutEntry[] };
  const sizes = Entries.map((one) => Buffer.byteLength(one.Source + one.DetailType + one.Detail));
  if (Entries.length > MOST_ENTRIES || sizes.reduce((sum, size) => sum + size, 0) > MOST_BYTES)
    return answerOf(400, { __type: 'ValidationException', message: 'too much' });
  for (const { Source, DetailType, Detail } of Entries)
    taken.push({ source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) });
  return answerOf(200, {
    FailedEntryCount: 0,
    Entries: Entries.map((_, at) => ({ EventId: `event-${at}` })),
  });
}

const answerOf = (status: number, value: unknown) =>
  answer(status, JSON.stringify(value), { 'content-type': 'application/x-amz-json-1.1' });

describeBus('EventBridge (stubbed wire, on which this project matches the patterns)', openBus);

describe('EventBridge as the bus (stubbed wire: no server of its kind can be had)', () => {
  let opened: Awaited<ReturnType<typeof openBus>>;
  let wire: Wire;
  beforeEach(async () => {
    opened = await openBus();
    wire = opened.wire;
  });
  afterEach(() => opened.close());

  const events = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `${at}`, source: 's', type: 'T', detail: { id: at } }));
  const entry = (id: number) =>
    `{"Source":"s","DetailType":"T","Detail":"{\\"id\\":${id}}","EventBusName":"${NAME}"}`;

  test('puts events as PutEvents has them, to the byte', async () => {
    const detail = { id: '01J', text: 'ä\u{1F6A2}', none: null };
    await opened.bus.publish([{ id: '01J', source: 'evenkeel.registry', type: 'DeviceChanged', detail }]);
    const { method, path, headers, body } = wire.only();
    expect(`${method} ${path}`).toBe('POST /');
    expect(headers['x-amz-target']).toBe('AWSEvents.PutEvents');
    expect(headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(scopeOf(wire.only())).toBe('eu-central-1/events');
    expect(body.toString()).toBe(
      '{"Entries":[{"Source":"evenkeel.registry","DetailType":"DeviceChanged",' +
        '"Detail":"{\\"id\\":\\"01J\\",\\"text\\":\\"ä\u{1F6A2}\\",\\"none\\":null}","EventBusName":"evenkeel-test"}]}',
    );
  });

  test('names the events that were not taken, of each request', async () => {
    const failing = (...failed: readonly number[]) =>
      json(200, {
        FailedEntryCount: failed.length,
        Entries: Array.from({ length: 10 }, (_, at) =>
          failed.includes(at)
            ? { ErrorCode: 'InternalException', ErrorMessage: 'try again' }
            : { EventId: 'e' },
        ),
      });
    wire.next(
      () => failing(1, 9),
      () => failing(0),
    );
    expect(await opened.bus.publish(events(25))).toEqual({ failed: [1, 9, 10] });
    expect(wire.requests).toHaveLength(3);
  });

  test('takes an answer that says nothing of an event for one that was not taken', async () => {
    wire.next(() => json(200, { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }));
    expect(await opened.bus.publish(events(3))).toEqual({ failed: [1, 2] });
  });

  test('puts the same events again after a lost answer: consumers drop repeats', async () => {
    wire.next(losesAnswer((asked) => putEvents(asked, opened.taken)));
    expect(await opened.bus.publish(events(2))).toEqual({ failed: [] });
    const [first, second] = wire.requests.map(({ body }) => body.toString());
    expect(first).toBe(`{"Entries":[${entry(0)},${entry(1)}]}`);
    expect(second).toBe(first);
    expect(opened.taken.map(({ detail }) => detail)).toEqual([{ id: 0 }, { id: 1 }, { id: 0 }, { id: 1 }]);
  });

  test('names a whole request as not taken when it stays unknown after three tries, and sends the others', async () => {
    const lost = losesAnswer((asked) => putEvents(asked, opened.taken));
    const isFirst = (body: Buffer) => body.includes(entry(0));
    const taken = (asked: WireRequest) => putEvents(asked, opened.taken);
    const firstLost: Handling = (asked) => (isFirst(asked.body) ? lost(asked) : taken(asked));
    wire.next(...Array(4).fill(firstLost));
    expect(await opened.bus.publish(events(12))).toEqual({ failed: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(wire.requests).toHaveLength(4);
  });

  test('names a whole request as not taken when it is throttled, after three tries', async () => {
    wire.next(...Array(3).fill(refuses(400, 'ThrottlingException')));
    expect(await opened.bus.publish(events(2))).toEqual({ failed: [0, 1] });
    expect(wire.requests).toHaveLength(3);
  });

  test('throws what will not be better next time, without trying again', async () => {
    wire.next(refuses(400, 'AccessDeniedException'));
    await expect(opened.bus.publish(events(1))).rejects.toThrow(AccessDeniedError);
    expect(wire.requests).toHaveLength(1);
  });
});
