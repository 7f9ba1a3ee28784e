import { describe, expect, test } from '@jest/globals';
import type { DeviceFacts } from '../decision/device.ts';
import { matchingOf } from '../decision/is-member.ts';
import { deviceFacts, NOON, type RolloutChange, rolloutWith } from '../decision/testing/builders.ts';
import { PreviewCounter } from './preview-counter.ts';
import { PreviewSums } from './preview-sums.ts';

const NOBODY = PreviewSums.parse({});
const RELEASED = new Map([['4.0.0', { sequence: 8, sha256ByHardware: new Map([['cam-rev-b', 'c']]) }]]);

function counter(from: PreviewSums = NOBODY, change: RolloutChange = {}) {
  const launched = rolloutWith(change);
  const { product, document } = launched;
  const isMatching = matchingOf({ product, selector: document.selector });
  const isHeldBack = (id: string) => id.startsWith('held');
  return new PreviewCounter({ launched, isMatching, isHeldBack, released: RELEASED }, from, NOON);
}

const running = (version: string) => ({ running: { version } });
const refusedOf = (facts: Partial<DeviceFacts>, change: RolloutChange = {}) => {
  const one = counter(NOBODY, change);
  one.see(deviceFacts({ floor: 0, ...facts }));
  return one.sums();
};

describe('the count of a draft', () => {
  test.each<[string, Partial<DeviceFacts>, RolloutChange]>([
    ['no-artifact', { hardware: 'cam-rev-a' }, {}],
    ['already-running', running('2.1.0'), {}],
    ['not-newer', running('4.0.0'), {}],
    ['not-above-version', running('3.0.0'), {}],
    ['at-or-below-floor', { ...running('2.0.0'), floor: 9 }, {}],
    ['from-version-too-low', running('1.0.0'), { release: { fromMin: '2.0.0' } }],
    ['quarantined', { quarantined: true }, {}],
    ['release-not-published', {}, { release: { published: false } }],
  ])('says %s of a member that would never be offered the release', (rule, facts, change) => {
    expect(refusedOf(facts, change)).toMatchObject({ members: 1, served: 0, refused: { [rule]: 1 } });
  });

  test('takes a member that waits for its stage, its turn or another update for one that is served', () => {
    const open = { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E', attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F', sinceMs: 0 };
    const far = { document: { start: '2027-12-01T00:00:00Z' }, offeredUpTo: 0, stageFull: true };
    expect(refusedOf({ open }, far)).toMatchObject({ members: 1, served: 1, refused: {} });
  });

  test('counts who waits in a hold-out apart, whatever else there is to say', () => {
    const sums = refusedOf({ deviceId: 'held-1', hardware: 'cam-rev-a' });
    expect(sums).toMatchObject({ heldBack: 1, members: 0, ofProduct: 1, refused: {} });
  });

  test('gives the same whether it is counted at once or handed on as a message after each device', () => {
    const devices = Array.from({ length: 300 }, (_, n) =>
      deviceFacts({
        deviceId: n % 7 === 0 ? `held-${n}` : `cam-${n}`,
        hardware: n % 5 === 0 ? 'cam-rev-a' : 'cam-rev-b',
        ...running(`1.0.${n % 150}`),
        floor: 0,
      }),
    );
    const atOnce = counter();
    for (const facts of devices) atOnce.see(facts);
    atOnce.look(300, 2);
    let handedOn = NOBODY;
    for (const facts of devices) {
      const one = counter(handedOn);
      one.see(facts);
      handedOn = PreviewSums.parse(JSON.parse(JSON.stringify(one.sums())));
    }
    const last = counter(handedOn);
    last.look(300, 2);
    expect(last.sums()).toEqual(atOnce.sums());
    expect(atOnce.sums()).toMatchObject({ looked: 300, unreadable: 2, ofProduct: 300, heldBack: 43 });
  });

  test('tells 200 cohorts apart, so that its message stays small whatever versions devices make up', () => {
    const one = counter();
    for (let n = 0; n < 1000; n += 1) {
      const version = `${n}`.padStart(64, '\u0001');
      one.see(deviceFacts({ deviceId: `cam-${n}`, ...running(version), floor: 0 }));
    }
    const sums = one.sums();
    expect([sums.cohorts.length, sums.otherCohorts, sums.members]).toEqual([200, 800, 1000]);
    expect(JSON.stringify(sums).length).toBeLessThan(131_072);
  });
});
