import { describe, expect, test } from '@jest/globals';
import { assessEvidence, type CohortCounts } from './assess-evidence.ts';
import { chance } from './chance.fixture.ts';
import { haltBoundary } from './halt-boundary.ts';

/** Devices up to and with the next bad one, at a true rate of bad ones. */
const untilBad = (random: () => number, rate: number): number =>
  Math.max(1, Math.ceil(Math.log(random()) / Math.log1p(-rate)));

/** The most false halts among `releases` that a chance of `alpha` each explains: the mean and four standard deviations. */
const tolerated = (releases: number, alpha: number): number =>
  releases * alpha + 4 * Math.sqrt(releases * alpha * (1 - alpha));

describe('healthy releases (Ville)', () => {
  // The evidence rises only with a bad device, so that looking after each of those is looking after every device.
  test.each([
    { p0: 0.001, alpha: 0.001, releases: 20_000, devices: 50_000 },
    { p0: 0.01, alpha: 0.01, releases: 10_000, devices: 10_000 },
    { p0: 0.05, alpha: 0.1, releases: 5_000, devices: 2_000 },
  ])('at exactly p0 = $p0 are ever halted by one test in at most alpha = $alpha of the cases', (setup) => {
    const { p0, alpha, releases, devices } = setup;
    const halting = new Map(haltBoundary(p0, alpha, 200).map(({ bad, exposed }) => [bad, exposed]));
    const random = chance(20_261_121);
    let halted = 0;
    for (let release = 0; release < releases; release += 1) {
      let k = 1;
      for (let n = untilBad(random, p0); n <= devices; n += untilBad(random, p0)) {
        if (n <= (halting.get(k) ?? 0)) {
          halted += 1;
          break;
        }
        k += 1;
      }
    }
    expect(halted).toBeLessThanOrEqual(tolerated(releases, alpha));
    expect(halted).toBeGreaterThan(0);
  });

  test('with both rates exact and eight cohorts are ever halted by any test in at most falseHalt of the cases', () => {
    const settings = { failureRate: 0.02, lostRate: 0.05, falseHalt: 0.1 };
    const releases = 150;
    const random = chance(7);
    let halted = 0;
    for (let release = 0; release < releases; release += 1) {
      const cohorts = Array.from({ length: 8 }, (_, c) => ({
        cohort: c + 1,
        n: 0,
        bad: { failureRate: 0, lostRate: 0 },
      }));
      for (let device = 0; device < 400; device += 1) {
        const cohort = cohorts[Math.floor(random() * cohorts.length)];
        if (cohort === undefined) throw new RangeError('a chance of one or more');
        cohort.n += 1;
        const draw = random();
        if (draw >= settings.failureRate + settings.lostRate) continue;
        cohort.bad[draw < settings.failureRate ? 'failureRate' : 'lostRate'] += 1;
        if (assessEvidence(cohorts satisfies CohortCounts[], settings).verdict === 'halt') {
          halted += 1;
          break;
        }
      }
    }
    expect(halted).toBeLessThanOrEqual(tolerated(releases, settings.falseHalt));
  });
});
