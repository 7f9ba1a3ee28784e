import type { Attempt } from './attempt.ts';

/**
 * The words by which people know a bad end, those that `rollout show` prints: the device's own reason where it gave one, and how the
 * attempt ended where that was seen from here, so that the silence of hundreds has a name. None of an attempt that is open, good or void.
 */
export function wordsOfEnd({ state, reason }: Pick<Attempt, 'state' | 'reason'>): readonly string[] {
  const said = reason === undefined ? [] : [reason];
  switch (state) {
    case 'failed':
      return said;
    case 'reverted':
    case 'silent':
    case 'lost':
      return [state, ...said];
    default:
      return [];
  }
}
