import { describe, expect, test } from '@jest/globals';
import { installing, rebooting, TARGET, TRIAL } from '../testing/attempting.ts';
import { ATTEMPT, FACTORY, NEW_DIGEST, ROLLOUT } from '../testing/bench.ts';

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

  test('says that it has reverted when the power went as it left for an image that does not work', () => {
    const bench = installing();
    bench.reboot(TRIAL);
    expect(bench.state.kept.attempt).toMatchObject({ state: 'rebooting', seq: 1 });
    bench.reboot(FACTORY);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    expect(bench.said('check')).toMatchObject({ last: { attempt: ATTEMPT, state: 'rebooting', seq: 1 } });
  });

  test('has proven itself once where the power went as it left, and not again in each boot', () => {
    const bench = installing();
    bench.reboot(TARGET);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['report']);
    expect(bench.said('check')).toMatchObject({ last: { state: 'claimed', seq: 1 } });
    bench.reboot(TARGET);
    expect(bench.did('publish').map(({ kind }) => kind)).toEqual(['check']);
  });
});
