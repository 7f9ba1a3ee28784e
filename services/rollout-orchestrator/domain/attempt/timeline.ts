import { UnreadableRowError } from '../row/attributes.ts';

/** Events that a row keeps; the oldest are forgotten first. */
export const TIMELINE_EVENTS = 20;

/** What can happen to an attempt, each with the letter that stands for it in a row. `trial`: runs the target, unconfirmed. */
const LETTERS = {
  granted: 'g',
  installing: 'i',
  rebooting: 'b',
  trial: 't',
  good: 'o',
  failed: 'f',
  reverted: 'r',
  silent: 's',
  lost: 'l',
  void: 'v',
  interrupted: 'n',
  claimed: 'c',
  recovered: 'h',
  excused: 'e',
  withdrawn: 'w',
} as const;
export type TimelineWhat = keyof typeof LETTERS;

/** One event, with the time it was heard or decided for. */
export interface TimelineEvent {
  readonly what: TimelineWhat;
  readonly atMs: number;
}

/** The timeline with one more event at its end. */
export const withEvent = (
  events: readonly TimelineEvent[],
  what: TimelineWhat,
  atMs: number,
): readonly TimelineEvent[] => [...events, { what, atMs }].slice(-TIMELINE_EVENTS);

/** A timeline as a short text: a letter and the milliseconds since the event before, base 36, separated by commas. */
export function packTimeline(events: readonly TimelineEvent[]): string {
  return events
    .map(({ what, atMs }, i) => `${LETTERS[what]}${(atMs - (events[i - 1]?.atMs ?? 0)).toString(36)}`)
    .join(',');
}

/**
 * Reads what `packTimeline` wrote.
 *
 * @throws UnreadableRowError when it did not
 */
export function unpackTimeline(text: string): readonly TimelineEvent[] {
  if (text === '') return [];
  const events: TimelineEvent[] = [];
  for (const word of text.split(',')) {
    const what = WHATS.find((one) => LETTERS[one] === word[0]);
    const atMs = (events.at(-1)?.atMs ?? 0) + Number.parseInt(word.slice(1), 36);
    if (what === undefined || !Number.isSafeInteger(atMs)) {
      throw new UnreadableRowError(`timeline: cannot read ${word}`);
    }
    events.push({ what, atMs });
  }
  return events;
}

const WHATS = Object.keys(LETTERS).filter((word): word is TimelineWhat => word in LETTERS);
