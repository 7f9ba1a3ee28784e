import { describe, expect, test } from '@jest/globals';
import { reportsText } from './reports.ts';

describe('reports', () => {
  const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
  const event = { seq: 1, state: 'installing' as const, uptimeMs: 10 };
  const detail = 'sector 7\u001b[2J\r\nall good\u202e';
  const failed = { ...event, seq: 2, state: 'failed' as const, reason: 'flash-write', detail };
  const report = {
    v: 1 as const,
    rollout,
    attempt: rollout,
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId: 'boot-12345',
    events: [event, failed],
  };
  const one = { thing: 'acme:cam-1', atMs: 0, report };

  test('stand in columns, an event a line, and no detail moves the cursor', () => {
    expect(reportsText([one], { by: 'rollout' }).split('\n')).toEqual([
      'RECEIVED              ROLLOUT                     TARGET  SEQ  STATE       REASON       DETAIL',
      `1970-01-01 00:00:00Z  ${rollout}  2.1.0   1    installing`,
      `1970-01-01 00:00:00Z  ${rollout}  2.1.0   2    failed      flash-write  sector 7?[2J??all good?`,
      '',
    ]);
  });

  test('of a rollout name the device and its hardware, and leave out what is not asked for or was sent before', () => {
    const again = { ...one, atMs: 1000 };
    expect(reportsText([one, again], { by: 'device', state: 'failed' }).split('\n')).toEqual([
      'RECEIVED              DEVICE  HARDWARE   TARGET  SEQ  STATE   REASON       DETAIL',
      '1970-01-01 00:00:00Z  cam-1   cam-rev-b  2.1.0   2    failed  flash-write  sector 7?[2J??all good?',
      '',
    ]);
  });
});
