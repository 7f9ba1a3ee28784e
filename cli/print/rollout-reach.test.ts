import { describe, expect, test } from '@jest/globals';
import type { PreviewCount, RolloutPreview } from '#shared/contracts/api/preview.ts';
import { runningRollout } from '../testing/running-rollout.ts';
import { reachText } from './rollout-reach.ts';

const NOW_MS = Date.UTC(2026, 0, 4);
const COUNT: PreviewCount = {
  countedAtMs: Date.UTC(2026, 0, 1),
  looked: 50,
  unreadable: 0,
  ofProduct: 40,
  members: 30,
  heldBack: 4,
  served: 30,
  firstStage: { name: 'early', devices: 3, served: 3 },
  notServed: [],
  otherCohorts: 0,
  cohorts: [{ hardware: 'cam-rev-b', from: '1.0.0', devices: 30, served: 30 }],
};
const text = (preview: RolloutPreview) => reachText(runningRollout({ state: 'draft', preview }), NOW_MS);
const counted = (change: Partial<PreviewCount> = {}) =>
  text({ state: 'counted', count: { ...COUNT, ...change } });

describe('whom a draft would reach', () => {
  test('is said with how old the count is, and without a warning where all is well', () => {
    const said = counted();
    expect(said).toMatch(
      /^matching +34 of 40 devices of cam\ncounted +3d ago, 50 devices looked at; count again: evenkeel rollout count \w+\n/,
    );
    expect(said).toMatch(/^hold-out +4 wait until it ends$/m);
    expect(said).not.toContain('warning');
  });

  test.each<[RolloutPreview, string]>([
    [{ state: 'counting' }, 'would reach  not counted yet\n'],
    [
      { state: 'not-counted', reason: 'no count has come' },
      `would reach  not counted: no count has come; count again: evenkeel rollout count ${runningRollout().rollout}\n`,
    ],
  ])('is not known of %j, and said so', (preview, said) => {
    expect(text(preview)).toBe(said);
  });

  test('is nothing for a rollout that runs', () => {
    expect(reachText(runningRollout(), NOW_MS)).toBe('');
  });

  test.each<[Partial<PreviewCount>, RegExp]>([
    [{ members: 0, heldBack: 0, served: 0 }, /no device matches the selector, of 40 that there are/],
    [{ members: 0, served: 0 }, /all devices that match wait in the hold-out/],
    [{ served: 0 }, /no device that matches would be offered cam\/2\.1\.0/],
    [
      { firstStage: { name: 'bench', tag: 'beta', devices: 0, served: 0 } },
      /no device that matches is in the first stage, bench \(tag beta\)/,
    ],
    [
      { firstStage: { name: 'bench', tag: 'beta', devices: 2, served: 0 } },
      /no device that would be offered it is in the first stage, bench/,
    ],
    [{ unreadable: 2 }, /2 devices cannot be read and are not counted/],
  ])('is warned of where %j', (change, warning) => {
    const warnings = counted(change)
      .split('\n')
      .filter((line) => line.startsWith('warning: '));
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('says how many are of further cohorts, and shows a rule that it does not know by its name', () => {
    const said = counted({ otherCohorts: 12, notServed: [{ rule: 'moon-phase', devices: 1 }] });
    expect(said).toMatch(/and 12 more of other cohorts\n/);
    expect(said).toMatch(/^not reached +1: moon-phase$/m);
  });

  test('shows nothing of what devices say that a terminal would obey', () => {
    const cohorts = [{ hardware: 'cam-rev-b', from: '\u001b[2J1.0', devices: 1, served: 1 }];
    expect(counted({ cohorts })).not.toContain('\u001b');
  });
});
