import { describe, expect, test } from '@jest/globals';
import { ATTEMPT, Bench, NEW_DIGEST, offer, ROLLOUT, SETTINGS } from '../testing/bench.ts';

const TARGET = { version: '1.1.0', digest: NEW_DIGEST, sequence: 4, confirmed: true };

const WITHIN_SECONDS = 300;

function quick(): Bench {
  return new Bench({ settings: { ...SETTINGS, withinSeconds: WITHIN_SECONDS } });
}

/** Answers the last check with a permit for what it is offered. */
function grant(bench: Bench, changes: { readonly seconds?: number; readonly sequence?: number } = {}): void {
  const { seconds = WITHIN_SECONDS, ...says } = changes;
  const { v, nonce, rollout, ...rest } = offer({ nonce: bench.said('check').nonce, ...says });
  bench.hear('permit', { v, nonce, rollout, answer: 'granted', attempt: ATTEMPT, seconds, offer: rest });
}

const download = (bench: Bench) =>
  bench.take({ input: 'downloaded', sha256: NEW_DIGEST, path: '/downloads/x' });
const checkAgain = (bench: Bench) => bench.take({ input: 'timer', name: 'check' });

describe('a device that begins at once', () => {
  test('says so in its checks, each with a number of its own', () => {
    const bench = quick();
    expect(bench.said('check')).toMatchObject({ begins: 1, within: WITHIN_SECONDS });
    checkAgain(bench);
    expect(bench.said('check')).toMatchObject({ begins: 2, within: WITHIN_SECONDS });
  });

  test('downloads and installs on one answer, and leaves without a word', () => {
    const bench = quick();
    grant(bench);
    expect(bench.did('download')).toHaveLength(1);
    download(bench);
    expect(bench.did('install')).toMatchObject([{ permit: { attempt: ATTEMPT } }]);
    expect(bench.state.kept.attempt).toMatchObject({ attempt: ATTEMPT, state: 'installing' });
    bench.take({ input: 'installed', attempt: ATTEMPT });
    expect(bench.did('publish')).toEqual([]);
    expect(bench.did('reboot')).toHaveLength(1);
    bench.reboot(TARGET);
    expect(bench.did('publish')).toMatchObject([
      { kind: 'report', body: { components: {}, last: { attempt: ATTEMPT, state: 'claimed', seq: 1 } } },
    ]);
    expect(bench.said('check')).not.toHaveProperty('begins');
  });

  test('counts its permit from when it sent the check, and asks anew in two steps when the download took longer', () => {
    const bench = quick();
    bench.nowMs += 20_000;
    grant(bench);
    bench.nowMs += WITHIN_SECONDS * 1000 - 20_000;
    download(bench);
    expect(bench.did('install')).toEqual([]);
    expect(bench.said('permit')).toMatchObject({ begins: 2, within: WITHIN_SECONDS });
  });

  test('takes no permit that comes late, twice, to another check, or that has run out', () => {
    const late = quick();
    late.nowMs += 60_001;
    grant(late);
    expect(late.state.phase.at).toBe('idle');

    const other = quick();
    const { nonce } = other.said('check');
    checkAgain(other);
    const { v, rollout, ...rest } = offer({ nonce });
    other.hear('permit', {
      v,
      nonce,
      rollout,
      answer: 'granted',
      attempt: ATTEMPT,
      seconds: 300,
      offer: rest,
    });
    expect(other.state.phase.at).toBe('idle');

    const over = quick();
    over.nowMs += 2_000;
    grant(over, { seconds: 2 });
    expect(over.state.phase.at).toBe('idle');
  });

  test('gives up a permit by asking again, also for a fresh URL, and goes on with the next', () => {
    const bench = quick();
    grant(bench);
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'expired', why: 'a fault' });
    expect(bench.said('check')).toMatchObject({ begins: 2 });
    expect(bench.state.phase).not.toHaveProperty('permit');
    grant(bench);
    expect(bench.state.phase).toMatchObject({ at: 'fetching', running: true, permit: { attempt: ATTEMPT } });
  });

  test('keeps its permit when a check falls due while it downloads', () => {
    const bench = quick();
    grant(bench);
    checkAgain(bench);
    expect(bench.did('publish')).toEqual([]);
    expect(bench.state.phase).toMatchObject({ permit: { attempt: ATTEMPT } });
  });

  test('drops a permit that is withdrawn before it has begun', () => {
    const bench = quick();
    grant(bench);
    bench.hear('permit', {
      v: 1,
      rollout: ROLLOUT,
      attempt: ATTEMPT,
      answer: 'withdrawn',
      why: 'it was halted',
    });
    expect(bench.did('stop-download')).toHaveLength(1);
    expect(bench.state.phase.at).toBe('idle');
    download(bench);
    expect(bench.did('install')).toEqual([]);
  });

  test('says of an offer that it does not take, and of a download that comes to nothing, that the permit is not used', () => {
    const declining = quick();
    grant(declining, { sequence: 3 });
    expect(declining.said('report').events).toMatchObject([{ state: 'failed', reason: 'declined' }]);
    const full = quick();
    grant(full);
    full.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'no-space', why: 'a fault' });
    expect(full.said('report').events).toMatchObject([{ state: 'failed', reason: 'no-space' }]);
    const broken = quick();
    grant(broken);
    broken.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'mismatch', why: 'a fault' });
    expect(broken.said('report').events).toMatchObject([{ state: 'failed', reason: 'mismatch' }]);
  });

  test('asks again when the link comes back before it can know that nothing was granted', () => {
    const bench = quick();
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    bench.take({ input: 'link-up' });
    expect(bench.said('check')).toMatchObject({ begins: 2 });
    bench.take({ input: 'sent', kind: 'check', nonce: bench.said('check').nonce });
    bench.nowMs += WITHIN_SECONDS * 1000 + 1;
    bench.take({ input: 'link-up' });
    expect(bench.did('publish')).toEqual([]);
  });

  test('does not ask at once while an earlier attempt is still to be reported, or while it rests', () => {
    const bench = quick();
    grant(bench);
    download(bench);
    bench.take({ input: 'install-failed', attempt: ATTEMPT, reason: 'flash-write' });
    checkAgain(bench);
    expect(bench.said('check')).not.toHaveProperty('begins');
  });

  test('takes an offer in two steps where it gets one, and promises the same when it asks', () => {
    const bench = quick();
    bench.download();
    expect(bench.said('permit')).toMatchObject({ begins: 2, within: WITHIN_SECONDS });
    bench.grant();
    bench.take({ input: 'installed', attempt: ATTEMPT });
    expect(bench.did('reboot')).toHaveLength(1);
  });

  test('asks for no permit as long as it spares what could not be downloaded, and takes anything else', () => {
    const bench = quick();
    grant(bench);
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'mismatch', why: 'a fault' });
    bench.ack(1);
    checkAgain(bench);
    expect(bench.said('check')).not.toHaveProperty('begins');
    const nonce = bench.said('check').nonce;
    bench.hear('offer', offer({ nonce }));
    expect(bench.did('download')).toEqual([]);
    bench.hear('offer', offer({ nonce, sequence: 5, sha256: 'c'.repeat(64) }));
    expect(bench.did('download')).toHaveLength(1);
  });

  test('says of a permit for what came to nothing meanwhile that it comes to nothing, and downloads it not again', () => {
    const bench = quick();
    grant(bench);
    bench.nowMs += (WITHIN_SECONDS + 1) * 1000;
    checkAgain(bench);
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'mismatch', why: 'a fault' });
    grant(bench);
    expect(bench.did('download')).toEqual([]);
    expect(bench.said('report').events).toMatchObject([{ state: 'failed', reason: 'mismatch' }]);
  });
});
