import { describe, expect, test } from '@jest/globals';
import { isInHoldOut } from '../holdout/hold-out.ts';
import { rank } from '../order/rank.ts';
import { WHOLE } from '../order/share.ts';
import { NOON } from './testing/builders.ts';
import { type Change, traceOn } from './testing/trace-on.ts';

const at = rank('01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', 'cam-0001');
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

describe('whose turn it is: hold-out, start, stage, offers and install hours, on both sides of each boundary', () => {
  test.each<[string, Change, string]>([
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
    expect(traceOn(change)?.rule).toBe(rule);
  });
});
