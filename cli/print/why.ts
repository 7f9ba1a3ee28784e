import type { Explanation } from '../actions/rollouts.ts';
import { plain } from './plain.ts';
import { facts } from './table.ts';
import { ago, moment } from './units.ts';

/** What a device gets and why, rollout by rollout, and what became of its attempts. */
export function whyText(why: Explanation, nowMs: number): string {
  const { running } = why;
  const head = facts([
    ['device', why.deviceId],
    ['hardware', why.hardware],
    [
      'running',
      running
        ? `${running.version}, last told anything new ${ago(running.seenAtMs, nowMs)}`
        : 'never checked in',
    ],
    ['trouble', why.trouble && troubleText(why.trouble)],
    ['decision', why.explanation === undefined ? why.decision : `${why.decision}: ${why.explanation}`],
  ]);
  const rollouts = why.rollouts.map(({ rollout, release, rule, explanation, change }) => {
    const lines = [`${release}  ${rollout}`, `  ${rule}: ${explanation}`];
    if (change !== undefined) lines.push(`  what would change it: ${change}`);
    return lines.map((line) => `${plain(line)}\n`).join('');
  });
  const attempts = why.attempts.map(({ rollout, attempt, state, reason, recovered, timeline }) => {
    const end = `${state}${reason === undefined ? '' : ` (${reason})`}${recovered ? ', recovered' : ''}`;
    const events = timeline.map(({ atMs, event }) => `  ${moment(atMs)}  ${event}`);
    return [`attempt ${attempt} in ${rollout}: ${end}`, ...events].map((line) => `${plain(line)}\n`).join('');
  });
  return [head, ...rollouts, ...attempts].join('\n');
}

/** Why a download was given up, by the word that the device has for it. */
const MEANS: Readonly<Record<string, string>> = {
  mismatch: 'the bytes that came were not those that were signed',
  'no-space': 'the device had no room for it',
};

function troubleText({ rollout, what, times }: NonNullable<Explanation['trouble']>): string {
  const often = times === 1 ? 'once' : `${times} times`;
  const means = MEANS[what];
  return `it gave up the download of rollout ${rollout} ${often}: ${means === undefined ? what : `${means} (${what})`}`;
}
