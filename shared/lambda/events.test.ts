import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Change } from '#shared/capabilities/table.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { marshallItem } from './attribute-value.ts';
import { bridgeEvent, captured, uploadOf } from './fixtures/aws-events.ts';
import { onChange } from './on-change.ts';
import { onEvent } from './on-event.ts';
import { onSchedule } from './on-schedule.ts';
import { onUpload } from './on-upload.ts';
import { WrapperHome } from './testing/wrapper-home.ts';

const home = new WrapperHome();

describe('a function behind uploads', () => {
  const keys: string[] = [];
  const handler = onUpload({}, async ({ key }) => {
    keys.push(key);
  });
  const keyOf = async (encoded: string) => {
    keys.length = 0;
    await home.run(handler, uploadOf(encoded));
    return keys;
  };

  test('is told bucket, key, size and version', async () => {
    const objects: unknown[] = [];
    await home.run(
      onUpload({}, async (object) => {
        objects.push(object);
      }),
      captured('s3-object-created'),
    );
    expect(objects).toEqual([
      {
        bucket: 'evenkeel-test-firmware-000000000000-local',
        key: 'uploads/acme/cam/2.1.0/cam-rev-b',
        sizeBytes: 20_971_520,
        version: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
      },
    ]);
  });

  test.each([
    ['a space', 'uploads/a+b', 'uploads/a b'],
    ['a plus', 'uploads/2.1.0%2Bbuild', 'uploads/2.1.0+build'],
    ['a percent sign', 'uploads/100%25', 'uploads/100%'],
    ['letters of any script', 'uploads/%C5%BEalia+%F0%9F%8C%BF', 'uploads/žalia 🌿'],
  ])('gets a key with %s as it was put', async (_what, encoded, key) => {
    expect(await keyOf(encoded)).toEqual([key]);
  });

  test('gets every key back that S3 encodes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (key) => {
        const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
        expect(await keyOf(encoded)).toEqual([key]);
      }),
    );
  });

  test('has nothing to do when somebody sets up the notifications', async () => {
    keys.length = 0;
    await home.run(handler, captured('s3-test-event'));
    expect(keys).toEqual([]);
  });

  test.each([
    ['a key that S3 never writes', uploadOf('%zz')],
    ['an event that is none of S3', { Records: [{ eventSource: 'aws:sqs' }] }],
    ['an event without records', {}],
  ])('fails on %s, for the failure destination', async (_what, event) => {
    await expect(home.run(handler, event)).rejects.toThrow();
  });
});

describe('a function behind a change stream', () => {
  const changes: Change[] = [];
  const handler = onChange({}, async (all) => {
    changes.push(...all);
    return undefined;
  });

  test('gets what was inserted, and what TTL removed as a removal', async () => {
    changes.length = 0;
    await home.run(handler, captured('dynamodb-stream'));
    expect(changes).toMatchObject([
      { keys: { sk: 'outbox#01JD4Z6Q7R8S9T0V1W2X3Y4Z5A' }, after: { detail: { entityVersion: 3 } } },
      { before: { expiresAt: 1_780_604_800 } },
    ]);
    expect(changes.map(({ before, after }) => [before === undefined, after === undefined])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('gets items as they were written', async () => {
    changes.length = 0;
    const item = { pk: 'a', sk: 'b', n: 1.5, flag: true, none: null, list: [1, { deep: 'x' }] };
    const dynamodb = {
      Keys: marshallItem({ pk: 'a', sk: 'b' }),
      NewImage: marshallItem(item),
      SequenceNumber: '1',
    };
    await home.run(handler, { Records: [{ eventName: 'INSERT', dynamodb }] });
    expect(changes).toEqual([{ keys: { pk: 'a', sk: 'b' }, after: item }]);
  });

  test('names the record from which on changes must come again, and never one that is a copy', async () => {
    const batch = captured('dynamodb-stream');
    const fromSecond = onChange({}, async ([, second]) => (second ? { from: second } : undefined));
    expect(await home.run(fromSecond, batch)).toEqual({
      batchItemFailures: [{ itemIdentifier: '4421584500000000017450439092' }],
    });
    const fromCopy = onChange({}, async ([first]) => (first ? { from: { ...first } } : undefined));
    await expect(home.run(fromCopy, batch)).rejects.toThrow(/not one of their batch/);
  });

  test.each(['INSERT', 'MODIFY', 'REMOVE'] as const)(
    'fails on a %s that came with its keys alone, rather than pass over what happened',
    async (eventName) => {
      const dynamodb = { Keys: marshallItem({ pk: 'a', sk: 'b' }), SequenceNumber: '1' };
      await expect(home.run(handler, { Records: [{ eventName, dynamodb }] })).rejects.toThrow(
        /NEW_AND_OLD_IMAGES/,
      );
    },
  );
});

describe('a function behind the bus', () => {
  const seen: unknown[] = [];
  const handler = onEvent(DeviceChanged, {}, async (event) => {
    seen.push(event);
  });
  const [detail] = DeviceChanged.examples;
  const { source, type } = DeviceChanged;

  test('gets the detail, and fields that it does not know left out', async () => {
    seen.length = 0;
    await home.run(handler, bridgeEvent(source, type, { ...detail, colour: 'blue' }));
    expect(seen).toEqual([detail]);
  });

  test.each([
    ['of a newer version', bridgeEvent(source, type, { ...detail, v: 2 })],
    ['of another kind that looks alike', bridgeEvent(source, 'DeviceForgotten', detail)],
    ['of another sender', bridgeEvent('evenkeel.firmware-storage', type, detail)],
    ['without what it must say', bridgeEvent(source, type, { ...detail, product: undefined })],
  ])('fails on an event %s, to be kept until it can be read', async (_what, event) => {
    seen.length = 0;
    await expect(home.run(handler, event)).rejects.toThrow();
    expect(seen).toEqual([]);
  });
});

test('a function behind a schedule runs, whatever the event says', async () => {
  let runs = 0;
  const handler = onSchedule({}, async () => {
    runs += 1;
  });
  await home.run(handler, captured('schedule'));
  expect(runs).toBe(1);
});
