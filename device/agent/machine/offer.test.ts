import { describe, expect, test } from '@jest/globals';
import {
  ATTEMPT,
  Bench,
  FACTORY,
  NEW_DIGEST,
  type OfferSays,
  OLD_DIGEST,
  offer,
  ROLLOUT,
  STRANGE_KEY,
} from '../testing/bench.ts';

const turnedDown = (bench: Bench): string | undefined =>
  bench.did('tell').flatMap(({ news }) => (news.news === 'offer-turned-down' ? [news.why] : []))[0];

describe('a device that hears an offer', () => {
  test('downloads what its manufacturer signed for its hardware', () => {
    const bench = new Bench();
    bench.hear('offer', offer({ nonce: bench.said('check').nonce }));
    expect(bench.did('download')).toMatchObject([
      { job: { sha256: NEW_DIGEST, sequence: 4, rollout: ROLLOUT } },
    ]);
  });

  test.each([
    ['a key that it does not trust', { privateKey: STRANGE_KEY.privateKey }, 'signature.keyId'],
    ['another product', { product: 'lamp' }, 'manifest.product'],
    ['another hardware', { hardware: 'cam-rev-c' }, 'manifest.artifacts'],
    ['the sequence that runs', { sequence: 3 }, 'sequence'],
    ['a sequence below', { sequence: 1 }, 'sequence'],
    ['what runs already', { sha256: OLD_DIGEST }, 'artifact.sha256'],
    ['a version to come from that it is below', { fromMin: '1.0.1' }, 'manifest.from.min'],
    ['another version than was signed', { unsigned: { version: '9.9.9' } }, 'version'],
    ['another sequence than was signed', { unsigned: { sequence: 9 } }, 'sequence'],
    ['another release than was signed', { unsigned: { release: 'cam/9.9.9' } }, 'release'],
    [
      'other bytes than were signed',
      { unsigned: { artifact: { sha256: 'b'.repeat(64), sizeBytes: 1000, url: 'https://x' } } },
      'artifact.sha256',
    ],
    [
      'another size than was signed',
      { unsigned: { artifact: { sha256: NEW_DIGEST, sizeBytes: 999, url: 'https://x' } } },
      'artifact.sizeBytes',
    ],
    ['a manifest that is no JSON', { unsigned: { manifest: 'AAAA' } }, 'signature.value'],
    ['nothing in its shape', { unsigned: { artifact: 'x' } }, 'malformed'],
  ])('turns down %s', (_, says, field) => {
    const bench = new Bench();
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, ...says }));
    expect(turnedDown(bench)).toContain(field);
    expect(bench.did('download')).toEqual([]);
    expect(bench.state.phase.at).toBe('idle');
  });

  test('measures by the floor that it kept, also when an older image runs', () => {
    const bench = new Bench({ kept: { v: 1, floor: 7 } });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, sequence: 7 }));
    expect(turnedDown(bench)).toContain('floor');
  });

  test('has a floor of what runs where it lost all that it kept', () => {
    const bench = new Bench({ image: { ...FACTORY, sequence: 9 } });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, sequence: 9 }));
    expect(turnedDown(bench)).toContain('floor');
  });

  test('takes no version from below the lowest when its own does not parse', () => {
    const bench = new Bench({ image: { ...FACTORY, version: 'bench build' } });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, fromMin: '0.0.1' }));
    expect(turnedDown(bench)).toContain('manifest.from.min');
  });

  test('ignores the answer to another check', () => {
    const bench = new Bench();
    bench.hear('offer', offer({ nonce: 'nonce-of-another' }));
    expect(bench.effects).toEqual([]);
  });

  test('takes none while its image is on trial', () => {
    const bench = new Bench({ image: { ...FACTORY, confirmed: false } });
    bench.take({ input: 'timer', name: 'check' });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce }));
    expect(bench.did('download')).toEqual([]);
  });

  test('asks again when it is told to, a little later than that', () => {
    const bench = new Bench();
    bench.hear('offer', { v: 1, nonce: bench.said('check').nonce, retryAfter: 100 });
    expect(bench.armed('check')).toBe(112_500);
  });

  test('rests after an install that failed', () => {
    const bench = new Bench();
    bench.download();
    bench.grant();
    bench.ack(1);
    bench.take({ input: 'install-failed', attempt: ATTEMPT, reason: 'battery' });
    bench.ack(2);
    bench.take({ input: 'timer', name: 'check' });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce }));
    expect(bench.did('download')).toEqual([]);
    bench.nowMs += 60_000;
    bench.hear('offer', offer({ nonce: bench.said('check').nonce }));
    expect(bench.did('download')).toHaveLength(1);
  });
});

describe('a download', () => {
  const fetching = (): Bench => {
    const bench = new Bench();
    bench.hear('offer', offer({ nonce: bench.said('check').nonce }));
    return bench;
  };

  test('that breaks off goes on after a wait that doubles', () => {
    const bench = fetching();
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'network', why: 'a fault' });
    expect(bench.armed('download')).toBe(45_000);
    bench.take({ input: 'timer', name: 'download' });
    expect(bench.did('download')).toHaveLength(1);
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'network', why: 'a fault' });
    expect(bench.armed('download')).toBe(90_000);
  });

  test('whose URL has expired asks for a fresh one and goes on with it', () => {
    const bench = fetching();
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'expired', why: 'a fault' });
    expect(bench.did('publish')).toMatchObject([{ kind: 'check' }]);
    const artifact = { sha256: NEW_DIGEST, sizeBytes: 1000, url: 'https://localhost/bucket/fresh' };
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, unsigned: { artifact } }));
    expect(bench.did('download')).toMatchObject([{ job: { url: 'https://localhost/bucket/fresh' } }]);
  });

  test('that was given up for another is no download of that other', () => {
    const bench = fetching();
    bench.take({ input: 'downloaded', sha256: 'c'.repeat(64), path: '/downloads/late' });
    expect(bench.state.phase.at).toBe('fetching');
  });

  test('of bytes that were not signed is thrown away', () => {
    const bench = fetching();
    bench.take({ input: 'download-failed', sha256: NEW_DIGEST, cause: 'mismatch', why: 'a fault' });
    expect(bench.did('discard')).toEqual([{ do: 'discard', sha256: NEW_DIGEST }]);
    expect(bench.state.phase.at).toBe('idle');
  });

  const mismatch = {
    input: 'download-failed',
    sha256: NEW_DIGEST,
    cause: 'mismatch',
    why: 'a fault',
  } as const;
  const HOUR_MS = 3_600_000;
  const offered = (bench: Bench, says: Omit<OfferSays, 'nonce'> = {}): boolean => {
    bench.take({ input: 'timer', name: 'check' });
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, ...says }));
    return bench.did('download').length > 0;
  };
  /** Days of the downloads that a device makes which checks each hour, and gets nothing but wrong bytes. */
  const daysOfDownloads = (bench: Bench, days: number, eachHour: (hour: number) => void = () => undefined) =>
    Array.from({ length: days * 24 }, (_, hour) => hour).flatMap((hour) => {
      bench.nowMs += HOUR_MS;
      eachHour(hour);
      if (!offered(bench)) return [];
      bench.take(mismatch);
      return [Math.floor(hour / 24)];
    });

  test('of bytes that are never those that were signed is made ever more rarely, once a week in the end', () => {
    const bench = fetching();
    bench.take(mismatch);
    expect(offered(bench)).toBe(false);
    // A day, two, four, and then a week, of each of which the half of a half is taken off.
    expect(daysOfDownloads(bench, 24)).toEqual([0, 2, 5, 10, 15, 20]);
    expect(bench.state.kept.trouble).toMatchObject({ rollout: ROLLOUT, what: 'mismatch', times: 7 });
  });

  test('of such bytes is neither made in each boot nor never again by a device that boots each hour', () => {
    const bench = fetching();
    bench.take(mismatch);
    const days = daysOfDownloads(bench, 20, (hour) => {
      bench.random = (hour * 0.618_034) % 1;
      bench.reboot(FACTORY);
    });
    expect(days.length).toBeGreaterThan(5);
    expect(days.length).toBeLessThan(25);
    expect(days.at(-1)).toBeGreaterThan(15);
  });

  test('of such bytes is made at once where another rollout offers them, and says why it is not made before', () => {
    const bench = fetching();
    bench.take(mismatch);
    expect(offered(bench)).toBe(false);
    expect(bench.said('check').trouble).toEqual({ rollout: ROLLOUT, what: 'mismatch', times: 1 });
    expect(turnedDown(bench)).toMatch(
      /^its download was given up 1 times, the last time for mismatch; not again for \d+ s$/,
    );
    expect(offered(bench, { rollout: '01JD0000000000000000000009' })).toBe(true);
    bench.take({ input: 'downloaded', sha256: NEW_DIGEST, path: '/downloads/x' });
    expect(bench.state.kept).not.toHaveProperty('trouble');
  });

  test('gives way to the offer of another rollout', () => {
    const bench = fetching();
    const other = { sha256: 'c'.repeat(64), sequence: 5, rollout: '01JD0000000000000000000009' };
    bench.hear('offer', offer({ nonce: bench.said('check').nonce, ...other }));
    expect(bench.did('stop-download')).toHaveLength(1);
    expect(bench.did('download')).toMatchObject([{ job: { sha256: other.sha256 } }]);
  });

  test('is stopped and thrown away when its rollout is withdrawn', () => {
    const bench = fetching();
    bench.hear('permit', { v: 1, rollout: ROLLOUT, answer: 'withdrawn', why: 'halted' });
    expect(bench.effects.map((effect) => effect.do)).toEqual(
      expect.arrayContaining(['stop-download', 'discard']),
    );
    bench.take({ input: 'downloaded', sha256: NEW_DIGEST, path: '/late' });
    expect(bench.did('publish')).toEqual([]);
  });
});
