import { describe, expect, test } from '@jest/globals';
import { asking, installing, states } from '../testing/attempting.ts';
import { ATTEMPT, FACTORY, ROLLOUT } from '../testing/bench.ts';

describe('a device with a download', () => {
  test('asks leave with what it runs, and nothing else happens by itself', () => {
    expect(asking().said('permit')).toMatchObject({ rollout: ROLLOUT, release: 'cam/1.1.0', from: '1.0.0' });
  });

  test('numbers its requests within a boot', () => {
    const bench = asking();
    expect(bench.said('permit')).toMatchObject({ begins: 1 });
    bench.take({ input: 'timer', name: 'permit' });
    expect(bench.said('permit')).toMatchObject({ begins: 2 });
    bench.reboot(FACTORY);
    bench.download();
    expect(bench.said('permit')).toMatchObject({ begins: 1 });
  });

  test('keeps what it begins before it touches anything, and says nothing more of it', () => {
    const bench = installing();
    expect(bench.effects.map((effect) => effect.do).filter((one) => one !== 'tell')).toEqual([
      'disarm',
      'keep',
      'install',
    ]);
    expect(bench.did('install')).toMatchObject([{ permit: { attempt: ATTEMPT } }]);
    expect(bench.state.kept.attempt).toMatchObject({ attempt: ATTEMPT, state: 'installing', events: [] });
  });

  test('takes no answer to the request before', () => {
    const bench = asking();
    const { nonce } = bench.said('permit');
    bench.take({ input: 'timer', name: 'permit' });
    bench.grant({ nonce });
    expect(bench.state.phase.at).toBe('asking');
    bench.hear('permit', { v: 1, nonce, rollout: ROLLOUT, answer: 'withdrawn', why: 'halted' });
    expect(bench.state.phase.at).toBe('asking');
  });

  test.each([
    ['to another nonce', 0, { nonce: 'nonce-of-another' }],
    ['of another rollout', 0, { rollout: '01JD0000000000000000000077' }],
    ['later than a minute', 60_001, {}],
    ['that has run out on its way', 5_000, { seconds: 5 }],
  ])('takes no permit %s', (_, lateMs, changes) => {
    const bench = asking();
    bench.nowMs += lateMs;
    bench.grant(changes);
    expect(bench.state.phase.at).toBe('asking');
    expect(bench.did('install')).toEqual([]);
  });

  test('takes a permit once: its repeat after the reboot is void', () => {
    const bench = asking();
    const { nonce } = bench.said('permit');
    bench.reboot(FACTORY);
    bench.hear('permit', {
      v: 1,
      nonce,
      rollout: ROLLOUT,
      answer: 'granted',
      attempt: ATTEMPT,
      seconds: 600,
    });
    expect(bench.effects).toEqual([]);
  });

  test('counts the permit from when it asked, not from when it heard', () => {
    const bench = asking();
    bench.nowMs += 50_000;
    bench.grant({ seconds: 60 });
    expect(bench.did('install')).toMatchObject([{ permit: { endsMs: bench.nowMs + 10_000 } }]);
  });

  test('goes on counting when the same attempt is granted again', () => {
    const bench = installing();
    bench.take({ input: 'install-late', attempt: ATTEMPT });
    expect(bench.said('report').events).toMatchObject([{ seq: 1, state: 'interrupted' }]);
    bench.ack(1);
    bench.download();
    bench.grant();
    expect(bench.state.kept.attempt).toMatchObject({ state: 'installing', seq: 1 });
  });

  test('waits when told to, keeps the download, and asks with a new nonce', () => {
    const bench = asking();
    const { nonce, rollout } = bench.said('permit');
    bench.hear('permit', { v: 1, nonce, rollout, answer: 'wait', retryAfter: 300 });
    expect(bench.armed('permit')).toBe(337_500);
    expect(bench.did('discard')).toEqual([]);
    bench.take({ input: 'timer', name: 'permit' });
    expect(bench.said('permit').nonce).not.toBe(nonce);
  });

  test('waits for no longer than a week, whatever it is told', () => {
    const bench = asking();
    const { nonce, rollout } = bench.said('permit');
    bench.hear('permit', { v: 1, nonce, rollout, answer: 'wait', retryAfter: 1e12 });
    expect(bench.armed('permit')).toBe(7 * 86_400_000 * 1.125);
  });

  test('asks again after a minute and a wait that doubles when nobody answers', () => {
    const bench = asking();
    expect(bench.armed('permit')).toBe(60_000 + 45_000);
    bench.take({ input: 'timer', name: 'permit' });
    expect(bench.armed('permit')).toBe(60_000 + 90_000);
  });

  test('forgets a rollout that is withdrawn while it asks', () => {
    const bench = asking();
    bench.hear('permit', { v: 1, rollout: ROLLOUT, answer: 'withdrawn', why: 'halted' });
    expect(bench.state.phase.at).toBe('idle');
    bench.grant();
    expect(bench.did('install')).toEqual([]);
  });

  test('finishes an install that began, whatever is withdrawn', () => {
    const bench = installing();
    bench.hear('permit', { v: 1, rollout: ROLLOUT, answer: 'withdrawn', why: 'halted' });
    bench.take({ input: 'installed', attempt: ATTEMPT });
    expect(states(bench)).toEqual(['rebooting']);
  });
});
