import type { WriteStream } from 'node:tty';
import type { World } from '#shared/world/world.ts';
import { LiveText } from '../cli/print/live-text.ts';

/** A line for a log that is not a terminal is written so often at the most. */
const LINE_EVERY_MS = 2_000;

/** Where the demo speaks: live lines on a terminal, a line now and then elsewhere. */
export class Stage {
  readonly #write: (text: string) => void;
  readonly #live: LiveText | undefined;
  readonly #world: World;
  readonly #startedMs: number;
  #lineMs = Number.NEGATIVE_INFINITY;
  #lastLine = '';

  constructor(out: WriteStream, world: World) {
    this.#write = (text) => {
      out.write(text);
    };
    this.#world = world;
    this.#startedMs = world.monotonicMs();
    const size = () => ({ columns: out.columns ?? 80, rows: out.rows ?? 24 });
    this.#live = out.isTTY ? new LiveText(this.#write, size) : undefined;
  }

  /** Seconds since the demo began. */
  get elapsedSeconds(): number {
    return (this.#world.monotonicMs() - this.#startedMs) / 1000;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#live?.keep();
    this.#write(`${line}\n`);
  }

  /** A step of the story, with the time it began at. */
  step(line: string): void {
    this.say(`\n[${this.elapsedSeconds.toFixed(0).padStart(3)} s] ${line}`);
  }

  /** What is going on now: the whole picture for a terminal, one line of it elsewhere. */
  show(picture: string, line: string): void {
    this.#live?.draw(picture);
    if (this.#live !== undefined) return;
    const nowMs = this.#world.monotonicMs();
    if (line === this.#lastLine || nowMs - this.#lineMs < LINE_EVERY_MS) return;
    this.#lineMs = nowMs;
    this.#lastLine = line;
    this.#write(`        ${line}\n`);
  }
}
