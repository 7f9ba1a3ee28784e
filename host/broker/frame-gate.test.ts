import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeviceShare } from './device-share.ts';
import { FrameGate, type Violation } from './frame-gate.ts';

const newGate = () => new FrameGate(new DeviceShare(0));

/** Hands the bytes over in chunks of these sizes, again and again; answers the first violation. */
function feed(
  gate: FrameGate,
  bytes: Uint8Array,
  sizes: readonly number[],
  nowMs = 0,
): Violation | undefined {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const violation = gate.accept(bytes.subarray(at, at + size), nowMs);
    if (violation !== undefined) return violation;
    at += size;
  }
  return undefined;
}

/** A packet: its first byte, then its length in groups of seven bits (MQTT 3.1.1, 2.2.3), then its body. */
function packetOf(firstByte: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  for (let left = body.length; left > 0 || length.length === 0; left = Math.floor(left / 128)) {
    length.push((left % 128) + (left >= 128 ? 128 : 0));
  }
  return Buffer.concat([Buffer.from([firstByte, ...length]), body]);
}

const text = (of: string): Buffer => Buffer.concat([Buffer.from([0, of.length]), Buffer.from(of)]);
const PACKET_ID = Buffer.from([0, 7]);
const PING = packetOf(0xc0, Buffer.alloc(0));
const ACK = packetOf(0x40, PACKET_ID);
const GOODBYE = packetOf(0xe0, Buffer.alloc(0));

const publish = (payloadBytes: number, qos: 1 | 2 = 1): Buffer =>
  packetOf(
    0x30 + qos * 2,
    Buffer.concat([text('ek/acme:cam-1/check'), PACKET_ID, Buffer.alloc(payloadBytes)]),
  );
const subscribe = (filters: number): Buffer => {
  const each = Array.from({ length: filters }, (_, n) => [text(`ek/acme:cam-1/${n}`), Buffer.from([1])]);
  return packetOf(0x82, Buffer.concat([PACKET_ID, ...each.flat()]));
};
const packet = fc.oneof(
  fc.integer({ min: 0, max: 3_000 }).map((size) => publish(size)),
  fc.integer({ min: 1, max: 8 }).map(subscribe),
  fc.constantFrom(PING, ACK),
);
const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 });

describe('the frame gate', () => {
  it('lets sound packets pass, however they are cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), sizes, (packets, chunks) => {
        const bytes = Buffer.concat(packets);
        expect(feed(newGate(), bytes, chunks)).toBeUndefined();
      }),
    );
  });

  it('finds the packet that breaks a rule behind any number of sound ones', () => {
    const bad = fc.constantFrom(publish(10, 2), publish(140_000), subscribe(9));
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 10 }), bad, sizes, (packets, broken, chunks) => {
        const bytes = Buffer.concat([...packets, broken]);
        expect(feed(newGate(), bytes, chunks)?.reason).toBe('CLIENT_ERROR');
      }),
    );
  });

  it('refuses what announces too much before it has come', () => {
    expect(feed(newGate(), Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), [1])?.rule).toMatch(/at most/);
    expect(feed(newGate(), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]), [5])?.rule).toMatch(/4 bytes/);
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), sizes, (bytes, chunks) => {
        feed(newGate(), bytes, chunks);
      }),
    );
  });

  it('lets 200 packets a second pass for ever, and a burst, but no more', () => {
    const gate = newGate();
    for (let second = 1; second <= 60; second++) {
      expect(
        feed(gate, Buffer.concat(Array.from({ length: 200 }, () => PING)), [4_096], second * 1000),
      ).toBeUndefined();
    }
    const flood = Buffer.concat(Array.from({ length: 700 }, () => PING));
    expect(feed(gate, flood, [4_096], 60_000)).toMatchObject({ reason: 'THROTTLED' });
  });

  it('lets 512 KB a second pass for ever, and a burst, but no more', () => {
    const gate = newGate();
    const piece = publish(131_000 - 22);
    for (let second = 1; second <= 60; second++) {
      expect(
        feed(gate, Buffer.concat([piece, piece, piece, piece]), [65_536], second * 1000),
      ).toBeUndefined();
    }
    const flood = Buffer.concat(Array.from({ length: 20 }, () => piece));
    expect(feed(gate, flood, [65_536], 60_000)).toMatchObject({ reason: 'THROTTLED' });
  });

  it('hears that a client says goodbye', () => {
    const gate = newGate();
    expect(gate.saidGoodbye).toBe(false);
    feed(gate, GOODBYE, [1]);
    expect(gate.saidGoodbye).toBe(true);
  });
});
