import { describe, expect, test } from '@jest/globals';
import { DIGEST } from './testing/builders.ts';
import { type Change, LATER, OTHER_DIGEST, traceOn } from './testing/trace-on.ts';

describe('whether a release suits what a device runs and has tried, on both sides of each boundary', () => {
  test.each<[string, Change, string]>([
    ['it runs the release', { says: { version: '2.1.0' } }, 'already-running'],
    ['it runs the very bytes', { says: { version: '2.1.0', digest: DIGEST } }, 'already-running'],
    ['it runs the very bytes by another name', { says: { digest: DIGEST } }, 'same-bytes'],
    [
      'it was seen to run the very bytes by another name',
      { facts: { running: { version: '2.0.0', sequence: 6, digest: DIGEST } } },
      'same-bytes',
    ],
    [
      'it was seen to run them before what it runs now',
      { facts: { running: { version: '1.9.9', digest: DIGEST } } },
      'offered',
    ],
    [
      'it runs other bytes of that name',
      { says: { version: '2.1.0', digest: OTHER_DIGEST } },
      'not-above-version',
    ],

    ['it runs the lowest version to install from', { rollout: { release: { fromMin: '2.0.0' } } }, 'offered'],
    ['it runs less than that', { rollout: { release: { fromMin: '2.0.1' } } }, 'from-version-too-low'],
    [
      'it runs a pre-release of that',
      { rollout: { release: { fromMin: '2.0.0' } }, says: { version: '2.0.0-rc.1' } },
      'from-version-too-low',
    ],
    [
      'it runs what is no version',
      { rollout: { release: { fromMin: '2.0.0' } }, says: { version: 'factory' } },
      'from-version-unknown',
    ],
    ['it runs what is no version, and none is asked for', { says: { version: 'factory' } }, 'offered'],

    ['the release is one sequence ahead', { rollout: { release: { sequence: 7 } } }, 'offered'],
    ['the release has the sequence that runs', { rollout: { release: { sequence: 6 } } }, 'not-newer'],
    [
      'a rollback has a lower version and a higher sequence',
      { rollout: { release: { version: '1.9.0', sequence: 7 } } },
      'offered',
    ],
    ['the sequence that runs is unknown and the version higher', { says: { version: '2.0.1' } }, 'offered'],
    [
      'the sequence that runs is unknown and the version lower',
      { says: { version: '2.1.1' } },
      'not-above-version',
    ],
    [
      'a release is of the version that it says',
      { says: { version: '2.1.1' }, released: LATER },
      'not-newer',
    ],
    [
      'a release is of the version that it says, below this one',
      { says: { version: '2.1.1' }, released: { ...LATER, sequence: 6 } },
      'offered',
    ],
    [
      'that release has the very bytes that it tells',
      { says: { version: '2.0.1', digest: OTHER_DIGEST }, released: LATER },
      'not-newer',
    ],
    [
      'that release has other bytes than it tells',
      { says: { version: '2.0.1', digest: 'd'.repeat(64) }, released: LATER },
      'offered',
    ],
    [
      'that release is for other hardware',
      { says: { version: '2.0.1' }, released: { ...LATER, sha256ByHardware: new Map([['cam-rev-c', 'd']]) } },
      'offered',
    ],
    ['what was proven goes before what that release is', { released: { ...LATER, sequence: 99 } }, 'offered'],
    [
      'the stored sequence is that of another version',
      { says: { version: '2.0.1' }, facts: { running: { version: '2.0.0', sequence: 99 } } },
      'offered',
    ],
    ['the floor is one below', { facts: { floor: 6 } }, 'offered'],
    ['the floor is the release', { facts: { floor: 7 } }, 'at-or-below-floor'],
    [
      'the floor holds where no version parses',
      { facts: { floor: 7 }, says: { version: 'factory' } },
      'at-or-below-floor',
    ],

    ['it has not tried', { facts: { tried: { other: 5 } } }, 'offered'],
    ['it has tried once', { facts: { tried: { '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D': 1 } } }, 'attempts-used'],
    [
      'it has tried once of twice',
      {
        facts: { tried: { '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D': 1 } },
        rollout: { document: { retry: { attempts: 2 } } },
      },
      'offered',
    ],
    [
      'it has tried twice of twice',
      {
        facts: { tried: { '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D': 2 } },
        rollout: { document: { retry: { attempts: 2 } } },
      },
      'attempts-used',
    ],
  ])('%s', (_, change, rule) => {
    expect(traceOn(change)?.rule).toBe(rule);
  });
});
