import { describe, expect, test } from '@jest/globals';
import type { CompletionVerdict, CompletionWait } from '../stages/completion.ts';
import type { GateVerdict } from '../stages/gate.ts';
import { stallOf } from './stall.ts';

const HOUR = 3_600_000;
const pooled = { room: 0, blockedBy: ['window', 'pace'] as const };
const gateThat = (
  waitsFor: Extract<GateVerdict, { opens: false }>['waitsFor'],
  stalled = false,
): GateVerdict => ({
  opens: false,
  waitsFor,
  stalled,
  explanation: `gate waits for ${waitsFor}`,
});
const completionThat = (waitsFor: CompletionWait): CompletionVerdict => ({
  completes: false,
  waitsFor,
  explanation: `end waits for ${waitsFor}`,
});

describe('a rollout has stalled', () => {
  const stalled = (gate: GateVerdict, waitsFor: CompletionWait, nowMs: number, lastGrantMs?: number) =>
    stallOf(
      { stallAfterMs: HOUR },
      {
        gate,
        completion: completionThat(waitsFor),
        pooled,
        servesSinceMs: 0,
        ...(lastGrantMs !== undefined && { lastGrantMs }),
      },
      nowMs,
    );

  test('with the gate of its stage, and says what keeps permits from it', () => {
    expect(stalled(gateThat('evidence'), 'stages', 9 * HOUR)).toBeUndefined();
    expect(stalled(gateThat('quiet', true), 'stages', 0)).toBe('gate waits for quiet');
    expect(stalled(gateThat('reach', true), 'stages', 0)).toBe('gate waits for reach');
    expect(stalled(gateThat('evidence', true), 'stages', 0)).toBe(
      'gate waits for evidence; no permit is to be had: the window is full, the pace is reached',
    );
  });

  test('in its last stage, where attempts do not end for long after the last permit', () => {
    const last = gateThat('last-stage');
    expect(stalled(last, 'unresolved', HOUR - 1)).toBeUndefined();
    expect(stalled(last, 'unresolved', HOUR)).toBe('end waits for unresolved');
    expect(stalled(last, 'unresolved', 2 * HOUR - 1, HOUR)).toBeUndefined();
    expect(stalled(last, 'count', 2 * HOUR, HOUR)).toBe('end waits for count');
  });

  test('not where its last stage ends by itself, or is standing', () => {
    for (const waitsFor of ['settle', 'hold-out', 'standing'] as const)
      expect(stalled(gateThat('last-stage'), waitsFor, 9 * HOUR)).toBeUndefined();
  });
});
