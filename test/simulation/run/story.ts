import { createHash } from 'node:crypto';

/** What happened, line by line, in the order in which it happened: the event log of one history, where somebody wants it. */
export class Story {
  readonly isWanted: boolean;
  readonly lines: string[] = [];
  readonly #nowMs: () => number;
  readonly #startMs: number;

  constructor(nowMs: () => number, isWanted = true) {
    this.isWanted = isWanted;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** Adds a line; `who` is the part of the world that it happened to. */
  tell(who: string, what: string): void {
    if (!this.isWanted) return;
    this.lines.push(`${clockText(this.#nowMs() - this.#startMs)} ${who.padEnd(10)} ${what}`);
  }

  /** Sha256 of all lines: two histories are the same when it is. */
  digest(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex');
  }
}

/** `2d 03:04:05.678` since the beginning. */
function clockText(elapsedMs: number): string {
  const days = Math.floor(elapsedMs / 86_400_000);
  const time = new Date(elapsedMs % 86_400_000).toISOString().slice(11, 23);
  return days === 0 ? time : `${days}d ${time}`;
}
