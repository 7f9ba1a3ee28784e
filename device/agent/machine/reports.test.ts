import { describe, expect, test } from '@jest/globals';
import { asking, failed, installing } from '../testing/attempting.ts';
import { ATTEMPT } from '../testing/bench.ts';

describe('what a device reports of its attempt', () => {
  test('asks only once what it said of its last attempt is acknowledged', () => {
    const bench = failed();
    bench.nowMs = bench.state.restUntilMs;
    bench.download();
    expect(bench.did('publish')).toEqual([]);
    bench.ack(1);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['permit']);
  });

  test('gives up what the backend refuses', () => {
    const bench = asking();
    const { nonce } = bench.said('permit');
    bench.hear('refused', { v: 1, message: 'permit', nonce, field: 'device', rule: 'is quarantined' });
    expect(bench.state.phase.at).toBe('idle');
    const later = failed();
    later.hear('refused', { v: 1, message: 'report', field: 'attempt', rule: 'is not known' });
    expect(later.state.kept.attempt?.events).toEqual([]);
  });

  test('gives up no report because one of another attempt was refused, which may be told late', () => {
    const bench = failed();
    const attempt = `${'0'.repeat(25)}1`;
    bench.hear('refused', { v: 1, message: 'report', attempt, field: 'attempt', rule: 'is not known' });
    expect(bench.state.kept.attempt?.events).toHaveLength(1);
    bench.hear('refused', {
      v: 1,
      message: 'report',
      attempt: ATTEMPT,
      field: 'attempt',
      rule: 'is not known',
    });
    expect(bench.state.kept.attempt?.events).toEqual([]);
  });

  test('gives up no report because a proof was refused, which came on the same topic and has a nonce', () => {
    const bench = failed();
    const { nonce } = bench.said('check');
    bench.hear('refused', { v: 1, message: 'report', nonce, field: 'components', rule: 'must be told' });
    expect(bench.state.kept.attempt?.events).toHaveLength(1);
  });

  test('resends a report until it is acknowledged, ever more rarely', () => {
    const bench = failed();
    expect(bench.armed('report')).toBe(45_000);
    bench.take({ input: 'timer', name: 'report' });
    expect(bench.armed('report')).toBe(90_000);
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    bench.take({ input: 'link-up' });
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    bench.ack(1);
    expect(bench.did('disarm').map(({ timer }) => timer)).toContain('report');
  });

  test('reports why an install failed, and rests', () => {
    const bench = installing();
    bench.take({ input: 'install-failed', attempt: ATTEMPT, reason: 'flash-write', detail: 'x'.repeat(900) });
    const [event] = bench.said('report').events;
    expect(event).toMatchObject({ seq: 1, state: 'failed', reason: 'flash-write' });
    expect(event.detail).toHaveLength(500);
    expect(bench.state.restUntilMs).toBeGreaterThan(bench.nowMs);
  });
});
