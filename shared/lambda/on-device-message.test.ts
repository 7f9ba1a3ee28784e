import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConflictError, RefusedError } from '#shared/errors/errors.ts';
import { captured, ruleEvent } from './fixtures/aws-events.ts';
import { onDeviceMessage } from './on-device-message.ts';
import { Example } from './testing/example.ts';
import { WrapperHome } from './testing/wrapper-home.ts';

let home: WrapperHome;
beforeEach(() => {
  home = new WrapperHome();
});

describe('a function behind an IoT rule', () => {
  const seen: unknown[] = [];
  const handler = onDeviceMessage('check', Example, {}, async ({ body, tenant, deviceId, atMs }) => {
    if (body.size === 7) throw new RefusedError('size', 'must not be 7');
    if (body.size === 8) throw new ConflictError('somebody else');
    seen.push({ body, tenant, deviceId, atMs });
  });
  const say = (body: unknown) => home.run(handler, ruleEvent(body));

  test('gets the message read, and keys that it does not know left out', async () => {
    await say({ v: 1, size: 3, colour: 'blue', __proto__: { polluted: true } });
    expect(seen).toEqual([
      { body: { v: 1, size: 3 }, tenant: 'acme', deviceId: 'cam-0001', atMs: 1_780_000_000_000 },
    ]);
    expect(home.sent).toEqual([]);
  });

  const ofBytes = (size: number) => Buffer.from('{"v":1,"size":1}'.padEnd(size));
  test('gets a message of 16 KB', async () => {
    await say(ofBytes(16_384));
    expect(seen.at(-1)).toMatchObject({ body: { v: 1, size: 1 } });
  });

  test.each([
    ['what is no JSON', Buffer.from('x{'), 'message', 'must be JSON in UTF-8'],
    [
      'what is no UTF-8',
      Buffer.from([...Buffer.from('{"v":1,"size":1,"note":"'), 0xff, 0x22, 0x7d]),
      'message',
      'must be JSON in UTF-8',
    ],
    [
      'half a character',
      Buffer.from('{"v":1,"size":1,"note":"\\ud800"}'),
      'note',
      'must be well-formed Unicode',
    ],
    ['nothing', Buffer.alloc(0), 'message', 'must be JSON in UTF-8'],
    ['what nests without an end', Buffer.from('['.repeat(16_000)), 'message', 'must be JSON in UTF-8'],
    ['a value beyond its bound', { v: 1, size: 11 }, 'size', 'expected number to be <=10'],
    ['what the steps refuse', { v: 1, size: 7 }, 'size', 'must not be 7'],
    ['a byte more than 16 KB', ofBytes(16_385), 'message', 'must be at most 16384 bytes'],
  ])(
    'tells the device that %s is refused, by field and rule, and is done',
    async (_what, body, field, rule) => {
      await say(body);
      expect(home.sent).toEqual([
        { topic: 'ek/acme:cam-0001/refused', body: { v: 1, message: 'check', field, rule } },
      ]);
    },
  );

  test.each([
    ['with its nonce', { nonce: 'k3J9x2Qa' }, { nonce: 'k3J9x2Qa' }],
    ['without one that is none', { nonce: 'short' }, {}],
  ])('tells the device of the very request that was refused, %s', async (_what, sent, told) => {
    await say({ v: 1, size: 11, ...sent });
    const rule = 'expected number to be <=10';
    expect(home.sent.map(({ body }) => body)).toEqual([
      { v: 1, message: 'check', ...told, field: 'size', rule },
    ]);
  });

  test('answers any bytes that are no message with a refusal, and throws for none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json()), async (sent) => {
        const before = home.sent.length + seen.length;
        await say(typeof sent === 'string' ? Buffer.from(sent) : sent);
        expect(home.sent.length + seen.length).toBe(before + 1);
      }),
    );
  });

  test('never answers on the topic of another thing', async () => {
    const event = { ...ruleEvent({ v: 1, size: 1 }), client: 'acme:thief' };
    await expect(home.run(handler, event)).rejects.toThrow(RefusedError);
    expect(home.sent).toEqual([]);
  });

  test.each([
    ['without a principal', { certificate: undefined }, RefusedError],
    ['from a client that is no device', { client: 'iotconsole-1', thing: 'iotconsole-1' }, RefusedError],
    ['with a clock in seconds', { at: 1_780_000_000 }, TypeError],
    ['without a payload', { payload: undefined }, TypeError],
  ])('fails on a rule event %s', async (_what, change, kind) => {
    await expect(home.run(handler, { ...captured('iot-rule'), ...change })).rejects.toThrow(kind);
    expect(home.sent).toEqual([]);
  });

  test('lets what is unexpected go up, for the trigger to act on', async () => {
    await expect(say({ v: 1, size: 8 })).rejects.toThrow(ConflictError);
  });
});
