import { describe, expect, test } from '@jest/globals';
import { type Change, LATER, traceOn } from './testing/trace-on.ts';

describe('what is said of each rule', () => {
  const night5 = { from: '02:00', to: '05:00', zone: 'device', fallbackZone: 'Europe/Vilnius' };
  test.each<[Change, string, string | undefined]>([
    [{}, 'it is offered cam/2.1.0', undefined],
    [
      { says: { hardware: 'cam-rev-c' } },
      'it says that it is cam-rev-c and is registered as cam-rev-b',
      'register it with the hardware it has',
    ],
    [
      { rollout: { state: 'halted', reason: '2 of 10 bad' } },
      'the rollout is halted: 2 of 10 bad',
      'resume it with an excuse, or roll out a better release',
    ],
    [{ rollout: { state: 'aborted' } }, 'the rollout is aborted', undefined],
    [
      { rollout: { document: { selector: 'tag("lab")' } } },
      'the device does not match the selector: tag("lab")',
      'change its tags or attributes, or launch a rollout that selects it',
    ],
    [
      { says: { version: '2.1.1' } },
      'it runs 2.1.1, which is no release of cam, and 2.1.0 is not above it',
      'roll out a version above 2.1.1; or publish what it runs as a release, and after it the older firmware as another: then their sequences decide',
    ],
    [
      { says: { version: '2.1.1', digest: 'd'.repeat(64) }, released: LATER },
      'it runs 2.1.1, but not the bytes of cam/2.1.1 for cam-rev-b, and 2.1.0 is not above it',
      'roll out a version above 2.1.1',
    ],
    [
      { rollout: { release: { sequence: 6 } } },
      'it runs 2.0.0 with sequence 6, and 2.1.0 has sequence 6',
      'roll out a release with a higher sequence',
    ],
    [
      { rollout: { document: { stages: [{ name: 'bench', tag: 'internal' }] } } },
      'stage bench is for devices with the tag internal',
      'wait for the next stage, or tag it',
    ],
    [
      { rollout: { document: { window: night5 } } },
      'the install window is closed in Europe/Vilnius until 2026-12-02T00:00:00.000Z',
      'wait until it opens',
    ],
    [
      { facts: { open: { rollout: 'r', attempt: 'a', sinceMs: 0 } } },
      'attempt a of rollout r has not ended',
      'wait until it ends, or until its silence is scored',
    ],
  ])('%j', (on, explanation, change) => {
    expect(traceOn(on)).toMatchObject({ explanation });
    expect(traceOn(on)?.change).toBe(change);
  });
});
