import type { ListedEnd } from '#shared/contracts/api/rollout-devices.ts';
import { type Attempt, isOpen } from './attempt.ts';
import { wordsOfEnd } from './end-words.ts';
import { endKindOf } from './tally.ts';

/** By what the devices of a rollout are chosen; a part that is absent chooses all. */
export interface ListedFilter {
  readonly end?: ListedEnd | undefined;
  /** The device's own word, or that of an end which only its silence told. */
  readonly reason?: string | undefined;
}

/** Whether an attempt is one of those that are asked for. */
export function isListed(attempt: Attempt, { end, reason }: ListedFilter): boolean {
  if (reason !== undefined && attempt.reason !== reason && !wordsOfEnd(attempt).includes(reason))
    return false;
  if (end === undefined) return true;
  if (end === 'open') return isOpen(attempt);
  if (end === 'recovered') return attempt.recovered === true;
  return (endKindOf(attempt) ?? attempt.state) === end;
}

/** What an attempt is that its device may hold, instead of having a row of its own in its rollout. */
const MAY_BE_HELD: readonly ListedEnd[] = ['open', 'granted', 'installing', 'rebooting', 'good'];

/** Whether everything that is asked for has a row of its own in its rollout: only what ended badly, or as nothing, has a reason. */
export const haveRows = ({ end, reason }: ListedFilter): boolean =>
  reason !== undefined || (end !== undefined && !MAY_BE_HELD.includes(end));
