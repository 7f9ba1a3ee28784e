import { describe, expect, it } from '@jest/globals';
import { DeviceShare, DeviceShares } from './device-share.ts';
import { FrameGate } from './frame-gate.ts';

/** PUBLISH with QoS 0, an empty payload and the topic `t`. */
const MESSAGE = [0x30, 3, 0, 1, 0x74];
const messages = (count: number): Uint8Array =>
  Uint8Array.from(Array.from({ length: count }, () => MESSAGE).flat());

/** Sends through that gate as soon as it is open, so many messages at a time; answers how many were heard until then. */
function heardOf(gate: FrameGate, atATime: number, fromMs: number, untilMs: number): number {
  let heard = 0;
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += 10) {
    if (gate.closedForMs(nowMs) > 0) continue;
    expect(gate.accept(messages(atATime), nowMs)).toBeUndefined();
    heard += atATime;
  }
  return heard;
}

describe('the share of a device', () => {
  it('is 100 messages in a row, and 20 a second for ever, however they come', () => {
    for (const atATime of [1, 7, 180]) {
      const heard = heardOf(new FrameGate(new DeviceShare(0)), atATime, 0, 600_000);
      expect(heard).toBeGreaterThanOrEqual(12_000);
      expect(heard).toBeLessThanOrEqual(12_100 + atATime);
    }
  });

  it('never closes the gate to a device that says ten things in a row, and then one a second', () => {
    const gate = new FrameGate(new DeviceShare(0));
    for (let second = 0; second < 600; second++) {
      expect(gate.closedForMs(second * 1000)).toBe(0);
      gate.accept(messages(second % 60 === 0 ? 10 : 1), second * 1000);
    }
  });

  it('is the same for all connections, one after the other or at once', () => {
    const shares = new DeviceShares();
    let heard = 0;
    for (let second = 0; second < 120; second++) {
      const gate = new FrameGate(shares.enter('a', second * 1000));
      heard += heardOf(gate, 180, second * 1000, second * 1000 + 900);
      shares.leave('a', second * 1000 + 900);
    }
    expect(heard).toBeLessThanOrEqual(2_400 + 100 + 180);
    const both = [new FrameGate(shares.enter('b', 120_000)), new FrameGate(shares.enter('b', 120_000))];
    expect(both[0]?.accept(messages(200), 120_000)).toBeUndefined();
    expect(both.map((gate) => gate.closedForMs(120_000))).toEqual([5_000, 5_000]);
  });

  it('is whole again for a device that comes back later, and another has its own', () => {
    const shares = new DeviceShares();
    new FrameGate(shares.enter('a', 0)).accept(messages(500), 0);
    shares.leave('a', 0);
    expect(new FrameGate(shares.enter('b', 0)).closedForMs(0)).toBe(0);
    shares.leave('b', 15_000);
    expect(shares.enter('a', 19_000).messages.owedForMs(19_000)).toBe(1_000);
    shares.leave('a', 19_000);
    const later = new FrameGate(shares.enter('a', 60_000));
    later.accept(messages(100), 60_000);
    expect(later.closedForMs(60_000)).toBe(0);
  });
});
