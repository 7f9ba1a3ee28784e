import type { RolloutView } from '#shared/contracts/api/rollouts.ts';

const BAD_ENDS = ['failed', 'reverted', 'silent', 'lost'] as const;

/**
 * What a person can do next about a rollout that needs one, so that nobody has to look for the commands at night; empty where it needs
 * none. In the order of "When a rollout halts" in docs/operations.md: first who and why, then what is decided.
 */
export function nextText({ rollout, release, state, stalled, counts }: RolloutView): string {
  if (stalled) {
    return stepsText([
      ['why one device is not served', 'evenkeel why DEVICE'],
      ['open the next stage all the same', `evenkeel rollout advance ${rollout} --reason TEXT`],
    ]);
  }
  if (state === 'paused') {
    return stepsText([
      ['go on', `evenkeel rollout resume ${rollout} --reason TEXT`],
      ['end it', `evenkeel rollout abort ${rollout} --reason TEXT`],
    ]);
  }
  if (state !== 'halted') return '';
  return stepsText([
    ...BAD_ENDS.filter((end) => counts[end] > 0).map(
      (end) => [`which ${end}`, `evenkeel rollout devices ${rollout} --end ${end}`] as const,
    ),
    ...(counts.failed > 0
      ? [['what they said', `evenkeel rollout reports ${rollout} --failed`] as const]
      : []),
    ['the release is bad', `evenkeel release revoke ${release} --reason TEXT`],
    [
      'it was something else',
      `evenkeel rollout resume ${rollout} --reason TEXT --excuse-reason FAILURE, as the table has it`,
    ],
  ]);
}

function stepsText(steps: readonly (readonly [what: string, command: string])[]): string {
  const width = Math.max(...steps.map(([what]) => what.length));
  return `next:\n${steps.map(([what, command]) => `  ${what.padEnd(width)}  ${command}\n`).join('')}`;
}
