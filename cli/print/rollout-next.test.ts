import { describe, expect, test } from '@jest/globals';
import { runningRollout } from '../testing/running-rollout.ts';
import { nextText } from './rollout-next.ts';

const { rollout, counts } = runningRollout();

describe('what to do next', () => {
  test('about a rollout that goes on is nothing', () => {
    expect(nextText(runningRollout())).toBe('');
    expect(nextText(runningRollout({ state: 'completed' }))).toBe('');
  });

  test('about a paused one is to go on or to end it', () => {
    const text = nextText(runningRollout({ state: 'paused' }));
    expect(text).toContain(`evenkeel rollout resume ${rollout} --reason TEXT\n`);
    expect(text).toContain(`evenkeel rollout abort ${rollout} --reason TEXT\n`);
  });

  test('about a halted one is to find who and why, and then to decide', () => {
    const halted = runningRollout({ state: 'halted', counts: { ...counts, failed: 2 } });
    expect(nextText(halted)).toBe(
      [
        'next:',
        `  which failed           evenkeel rollout devices ${rollout} --end failed`,
        `  which silent           evenkeel rollout devices ${rollout} --end silent`,
        `  what they said         evenkeel rollout reports ${rollout} --failed`,
        '  the release is bad     evenkeel release revoke cam/2.1.0 --reason TEXT',
        `  it was something else  evenkeel rollout resume ${rollout} --reason TEXT --excuse-reason FAILURE, as the table has it`,
        '',
      ].join('\n'),
    );
  });

  test('names no reports where nobody has said anything', () => {
    expect(nextText(runningRollout({ state: 'halted' }))).not.toContain('reports');
  });

  test('about a stalled one is to look at a device, or to go on', () => {
    expect(nextText(runningRollout({ stalled: true }))).toContain(`evenkeel rollout advance ${rollout} `);
  });
});
