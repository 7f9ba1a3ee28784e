import { describe, expect, test } from '@jest/globals';
import { isInHoldOut } from '../holdout/hold-out.ts';
import { rank } from '../order/rank.ts';
import { WHOLE } from '../order/share.ts';
import { decideOffer } from './decide-offer.ts';
import type { DeviceFacts, DeviceSays, ReleasedVersion } from './device.ts';
import {
  DIGEST,
  deviceFacts,
  deviceSays,
  inquiry,
  NOON,
  type RolloutChange,
  rolloutWith,
} from './testing/builders.ts';
import type { Trace } from './trace.ts';

const at = rank('01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', 'cam-0001');

interface Change {
  readonly facts?: Partial<DeviceFacts>;
  readonly says?: Partial<DeviceSays>;
  readonly released?: ReleasedVersion;
  readonly rollout?: RolloutChange;
  readonly nowMs?: number;
}

/** The rule that says no, or `offered`. */
function ruleOn({ facts, says, released, rollout, nowMs = NOON }: Change): string | undefined {
  const trace: Trace = [];
  const asked = { facts: deviceFacts(facts), says: deviceSays(says), released, nowMs };
  decideOffer(asked, [rolloutWith(rollout)], trace);
  return trace[0]?.rule;
}

const OTHER_DIGEST = 'c'.repeat(64);
/** A release of sequence 8, which is one after that of the rollout. */
const LATER: ReleasedVersion = { sequence: 8, sha256ByHardware: new Map([['cam-rev-b', OTHER_DIGEST]]) };

const night = { from: '02:00', to: '05:00', zone: 'UTC' };
const stages = [
  { name: 'bench', tag: 'internal' },
  { name: 'early', percent: 5 },
  { name: 'all', percent: 100 },
];
/** A share of whole millionths just above and just at or below the rank of the device. */
const above = Math.ceil(at * 1e6) / 1e4;
const below = Math.floor(at * 1e6) / 1e4;

/** The least share of a hold-out that the device is in. */
const held = [...Array(WHOLE).keys()].find((share) =>
  isInHoldOut({ product: 'cam', sequence: 7 }, 'cam-0001', share),
) as number;

describe('each rule of the decision, on both sides of its boundary', () => {
  test.each<[string, Change, string]>([
    ['nothing speaks against it', {}, 'offered'],

    ['it is decommissioned', { facts: { decommissioned: true } }, 'decommissioned'],
    ['it is in quarantine', { facts: { quarantined: true } }, 'quarantined'],
    ['it says another hardware', { says: { hardware: 'cam-rev-c' } }, 'hardware-differs'],
    ['it says another product', { says: { product: 'lock' } }, 'product-differs'],
    [
      'its attempt is open',
      { facts: { open: { rollout: 'other', attempt: 'a', sinceMs: 0 } } },
      'attempt-open',
    ],

    ['the rollout is for another product', { rollout: { product: 'lock' } }, 'other-product'],
    ['the rollout is of another tenant', { rollout: { tenant: 'evil' } }, 'other-product'],
    ['the rollout is a draft', { rollout: { state: 'draft' } }, 'not-running'],
    ['the rollout is halted', { rollout: { state: 'halted' } }, 'not-running'],
    ['the rollout is aborted', { rollout: { state: 'aborted' } }, 'not-running'],
    ['the rollout is completed', { rollout: { state: 'completed' } }, 'not-running'],
    ['the rollout is paused', { rollout: { state: 'paused' } }, 'paused'],
    ['the release is revoked', { rollout: { release: { published: false } } }, 'release-not-published'],
    ['the selector matches', { rollout: { document: { selector: 'hardware = "cam-rev-b"' } } }, 'offered'],
    ['the selector does not match', { rollout: { document: { selector: 'tag("lab")' } } }, 'not-selected'],
    [
      'the selector sees the version that the device says',
      { rollout: { document: { selector: 'version = "1.9.9"' } }, says: { version: '1.9.9' } },
      'offered',
    ],
    [
      'its hardware has no artifact',
      { facts: { hardware: 'cam-rev-c' }, says: { hardware: 'cam-rev-c' } },
      'no-artifact',
    ],

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
      { says: { version: '2.1.0', digest: 'c'.repeat(64) } },
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
    ['it is in the hold-out', { rollout: { holdOut: { share: held, untilMs: NOON + 1 } } }, 'held-out'],
    [
      'it is not in the hold-out',
      { rollout: { holdOut: { share: held - 1, untilMs: NOON + 1 } } },
      'offered',
    ],
    ['its hold-out is over', { rollout: { holdOut: { share: held, untilMs: NOON } } }, 'offered'],
    [
      'its hold-out is over, and the last stage is not open',
      {
        rollout: {
          document: { stages: stages.slice(1) },
          members: 20,
          holdOut: { share: held, untilMs: NOON },
        },
      },
      'held-out',
    ],
    [
      'it is in the hold-out of a rollout that is paused',
      { rollout: { state: 'paused', holdOut: { share: held, untilMs: NOON + 1 } } },
      'held-out',
    ],
    [
      'it is in the hold-out, and has tried',
      {
        facts: { tried: { '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D': 1 } },
        rollout: { holdOut: { share: held, untilMs: NOON + 1 } },
      },
      'attempts-used',
    ],
    [
      'it is in the hold-out, and its stage is for it',
      {
        facts: { tags: ['internal'] },
        rollout: { document: { stages }, holdOut: { share: held, untilMs: NOON + 1 } },
      },
      'held-out',
    ],

    [
      'a rollout is called like a property of every object',
      { rollout: { rollout: 'constructor' } },
      'offered',
    ],

    ['the start is now', { rollout: { document: { start: '2026-12-01T12:00:00Z' } } }, 'offered'],
    [
      'the start is a millisecond ahead',
      { rollout: { document: { start: '2026-12-01T12:00:00.001Z' } } },
      'not-started',
    ],

    [
      'a tag stage is open and it carries the tag',
      { rollout: { document: { stages } }, facts: { tags: ['internal'] } },
      'offered',
    ],
    [
      'a tag stage is open and it does not',
      { rollout: { document: { stages } }, facts: { tags: ['lab'] } },
      'not-tagged',
    ],
    ['the stage is full', { rollout: { stageFull: true } }, 'stage-full'],
    [
      'the stage is full, and it tries once more',
      {
        facts: { tried: { '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D': 1 } },
        rollout: { stageFull: true, document: { retry: { attempts: 2 } } },
      },
      'offered',
    ],
    [
      'the stage reaches just its rank',
      { rollout: { document: { stages: [{ name: 'a', percent: above }] } } },
      'offered',
    ],
    [
      'the stage ends just before its rank',
      { rollout: { document: { stages: [{ name: 'a', percent: below }] } } },
      'beyond-stage',
    ],
    [
      'the fleet is too small for ranks',
      { rollout: { document: { stages: [{ name: 'a', percent: below }] }, members: 999 } },
      'offered',
    ],
    ['offers have just reached its rank', { rollout: { offeredUpTo: at + Number.EPSILON } }, 'offered'],
    ['offers end at its rank', { rollout: { offeredUpTo: at } }, 'not-offered-yet'],
    [
      'offers have not begun, members being uncounted',
      { rollout: { members: 0, offeredUpTo: 0 } },
      'not-offered-yet',
    ],

    [
      'the window is open',
      { rollout: { document: { window: night } }, nowMs: NOON - 7.5 * 3_600_000 },
      'offered',
    ],
    ['the window is closed', { rollout: { document: { window: night } } }, 'window-closed'],
    [
      'the window is open where the device is',
      {
        rollout: { document: { window: { ...night, zone: 'device', fallbackZone: 'UTC' } } },
        facts: { attributes: { timezone: 'America/Los_Angeles' } },
      },
      'offered',
    ],
  ])('%s', (_, change, rule) => {
    expect(ruleOn(change)).toBe(rule);
  });

  test('a device that nobody knows is refused', () => {
    const trace: Trace = [];
    const decision = decideOffer(inquiry({ facts: undefined }), [rolloutWith()], trace);
    expect(decision).toEqual({ kind: 'refused', rule: 'unknown-device' });
    expect(trace[0]?.rule).toBe('unknown-device');
  });
});

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
      { rollout: { document: { stages } } },
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
  ])('%j', ({ facts, says, released, rollout }, explanation, change) => {
    const trace: Trace = [];
    const asked = inquiry({ facts: deviceFacts(facts), says: deviceSays(says), released });
    decideOffer(asked, [rolloutWith(rollout)], trace);
    expect(trace[0]?.explanation).toBe(explanation);
    expect(trace[0]?.change).toBe(change);
  });
});
