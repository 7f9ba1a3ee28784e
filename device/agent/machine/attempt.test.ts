import { describe, expect, test } from '@jest/globals';
import type { RunningImage } from '../image.ts';
import { ATTEMPT, Bench, FACTORY, NEW_DIGEST, ROLLOUT, SETTINGS } from '../testing/bench.ts';

const TARGET: RunningImage = { version: '1.1.0', digest: NEW_DIGEST, sequence: 4, confirmed: true };
const TRIAL: RunningImage = { ...TARGET, confirmed: false };

const asking = (): Bench => {
  const bench = new Bench();
  bench.download();
  return bench;
};
const installing = (): Bench => {
  const bench = asking();
  bench.grant();
  return bench;
};
/** After an install that did not succeed, which is still to be acknowledged. */
const failed = (): Bench => {
  const bench = installing();
  bench.take({ input: 'install-failed', attempt: ATTEMPT, reason: 'flash-write' });
  return bench;
};
const rebooting = (): Bench => {
  const bench = installing();
  bench.take({ input: 'installed', attempt: ATTEMPT });
  return bench;
};
const states = (bench: Bench): string[] =>
  bench.said('report').events.map(({ state }: { state: string }) => state);

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

  test('asks only once what it said of its last attempt is acknowledged', () => {
    const bench = failed();
    bench.nowMs = bench.state.restUntilMs;
    bench.download();
    expect(bench.did('publish')).toEqual([]);
    bench.ack(1);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['permit']);
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

describe('a device that has installed', () => {
  test('reboots as soon as the broker has "rebooting", and says that it waits for nothing else', () => {
    const bench = rebooting();
    expect(bench.did('reboot')).toEqual([]);
    expect(bench.said('report')).toMatchObject({ leaving: true, events: [{ seq: 1, state: 'rebooting' }] });
    bench.take({ input: 'sent', kind: 'report', nonce: `${ATTEMPT}-0` });
    expect(bench.did('reboot')).toEqual([]);
    bench.take({ input: 'sent', kind: 'report', nonce: `${ATTEMPT}-1` });
    expect(bench.did('reboot')).toHaveLength(1);
    bench.take({ input: 'timer', name: 'reboot' });
    expect(bench.did('reboot')).toEqual([]);
  });

  test('reboots without the broker after a while, and reports nothing again: the check of the next boot tells how far it came', () => {
    const bench = rebooting();
    bench.take({ input: 'timer', name: 'reboot' });
    expect(bench.did('reboot')).toHaveLength(1);
    bench.reboot(TARGET);
    expect(bench.did('publish')).toMatchObject([
      { body: { components: {}, last: { state: 'claimed', seq: 1 } } },
    ]);
  });

  test('proves itself by the first check in the new boot, which is a fact and no question, with the attempt it stems from', () => {
    const bench = rebooting();
    bench.reboot(TARGET);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    expect(bench.said('check')).toMatchObject({
      components: { main: { version: '1.1.0', digest: NEW_DIGEST } },
      confirmed: true,
      last: { rollout: ROLLOUT, attempt: ATTEMPT, state: 'claimed', seq: 1 },
    });
  });

  test('repeats that check once after 8 to 16 minutes where checks go, because nobody acknowledges it', () => {
    const bench = rebooting();
    bench.reboot(TARGET);
    const waits = [1, 2].map(() => {
      const [{ kind = 'check' } = {}] = bench.did('publish');
      bench.take({ input: 'sent', kind, nonce: bench.said('check').nonce });
      const waitMs = bench.armed('check');
      bench.take({ input: 'timer', name: 'check' });
      return waitMs;
    });
    expect(waits).toEqual([720_000, 43_200_000]);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['check']);
  });

  test('sends it as a fact until the broker has it, and repeats it as often as ever after that', () => {
    const bench = rebooting();
    bench.reboot(TARGET);
    bench.take({ input: 'timer', name: 'check' });
    bench.take({ input: 'timer', name: 'check' });
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    expect(bench.armed('check')).toBe(180_000);
    bench.take({ input: 'sent', kind: 'report', nonce: bench.said('check').nonce });
    expect(bench.armed('check')).toBe(720_000);
  });

  test('tests a trial image before it makes it permanent, and raises its floor only then', () => {
    const bench = rebooting();
    bench.reboot(TRIAL);
    expect(bench.did('self-test')).toHaveLength(1);
    expect(bench.did('publish')).toEqual([]);
    expect(bench.state.kept.floor).toBe(3);
    bench.take({ input: 'confirmed', image: TARGET });
    expect(bench.state.kept.floor).toBe(4);
    expect(bench.said('check')).toMatchObject({ confirmed: true });
  });

  test('checks in unconfirmed when the self-test takes long, and leaves the image when it fails', () => {
    const bench = rebooting();
    bench.reboot(TRIAL);
    bench.take({ input: 'timer', name: 'check' });
    expect(bench.said('check')).toMatchObject({ confirmed: false });
    bench.take({ input: 'self-test-failed', why: 'broken' });
    expect(bench.did('reboot')).toHaveLength(1);
  });

  test('leaves a trial image whose self-test does not end, and hears no more of it', () => {
    const bench = rebooting();
    bench.reboot(TRIAL);
    expect(bench.armed('self-test')).toBe(600_000);
    bench.take({ input: 'timer', name: 'self-test' });
    expect(bench.did('reboot')).toHaveLength(1);
    bench.take({ input: 'confirmed', image: TARGET });
    expect(bench.effects).toEqual([]);
    bench.take({ input: 'self-test-failed', why: 'broken' });
    expect(bench.effects).toEqual([]);
  });

  test('keeps a trial image whose self-test ended in time', () => {
    const bench = rebooting();
    bench.reboot(TRIAL);
    bench.take({ input: 'confirmed', image: TARGET });
    expect(bench.did('disarm')).toEqual([{ do: 'disarm', timer: 'self-test' }]);
  });

  test('proves itself by a fact of its own when it is confirmed after it had checked in unconfirmed', () => {
    const bench = rebooting();
    bench.reboot(TRIAL);
    bench.take({ input: 'timer', name: 'check' });
    bench.take({ input: 'sent', kind: 'report', nonce: bench.said('check').nonce });
    bench.take({ input: 'confirmed', image: TARGET });
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    expect(bench.said('check')).toMatchObject({ confirmed: true });
    bench.take({ input: 'sent', kind: 'report', nonce: bench.said('check').nonce });
    expect(bench.armed('check')).toBe(720_000);
  });

  test('that finds itself on the old image says what it had said last, so that this shows as a revert', () => {
    const bench = rebooting();
    bench.reboot(FACTORY);
    expect(bench.said('check')).toMatchObject({
      components: { main: { version: '1.0.0' } },
      last: { attempt: ATTEMPT, state: 'rebooting' },
    });
    expect(bench.state.kept.floor).toBe(3);
  });

  test('says "interrupted" when the power went while it was installing', () => {
    const bench = installing();
    bench.reboot(FACTORY);
    expect(bench.said('report').events).toMatchObject([{ seq: 1, state: 'interrupted' }]);
  });
});

describe('the times of a device', () => {
  test('a check goes out at once after the boot, then at a random moment of each interval', () => {
    const bench = new Bench();
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    expect(bench.armed('check')).toBe(43_200_000);
  });

  test('a check that the broker did not get is tried again after 1, 2, 4 ... minutes, and when the link is up', () => {
    const bench = new Bench();
    expect(bench.armed('check')).toBe(45_000);
    bench.take({ input: 'timer', name: 'check' });
    expect(bench.armed('check')).toBe(90_000);
    bench.take({ input: 'link-up' });
    expect(bench.did('publish')).toHaveLength(1);
  });

  test('a hint brings the next check forward, by its own jitter', () => {
    const bench = new Bench();
    bench.hear('hint', { v: 1, within: 30 });
    expect(bench.armed('check')).toBe(15_000);
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    bench.hear('hint', 'nonsense');
    expect(bench.armed('check')).toBe(30_000);
  });

  test('no hint puts a check off, and a flood of hints makes one check a second at most', () => {
    const bench = new Bench();
    expect(bench.armed('check')).toBe(45_000);
    bench.hear('hint', { v: 1, within: 86_400 });
    expect(bench.did('arm')).toEqual([]);
    bench.hear('hint', { v: 1, within: 0 });
    expect(bench.armed('check')).toBe(1_000);
    bench.nowMs += 600;
    bench.hear('hint', { v: 1, within: 0 });
    expect(bench.did('arm')).toEqual([]);
  });

  test('a sleeper says when it will be back', () => {
    const bench = new Bench({ settings: { ...SETTINGS, backWithinSeconds: 7200 } });
    expect(bench.said('check')).toMatchObject({ backWithin: 7200 });
  });
});
