import type { Io } from '../io.ts';

const CLEAR_LINE = '\u001b[2K';
const UP = '\u001b[1A';

/** A few lines on a terminal that are drawn over themselves; cut to its size, because only what is on it can be drawn over. */
export class LiveText {
  readonly #write: (text: string) => void;
  readonly #size: Io['size'];
  #lines = 0;

  constructor(write: Io['out'], size: Io['size']) {
    this.#write = write;
    this.#size = size;
  }

  /** Replaces what was drawn last. */
  draw(text: string): void {
    const { columns, rows } = this.#size();
    const lines = text
      .replace(/\n$/, '')
      .split('\n')
      .slice(0, Math.max(1, rows - 1));
    const width = Math.max(20, columns - 1);
    const drawn = lines.map((line) => `${CLEAR_LINE}${[...line].slice(0, width).join('')}\n`).join('');
    // Lines that are no more are cleared below the new ones.
    const left = Math.max(0, this.#lines - lines.length);
    this.#write(UP.repeat(this.#lines) + drawn + `${CLEAR_LINE}\n`.repeat(left) + UP.repeat(left));
    this.#lines = lines.length;
  }

  /** What was drawn last stays; the next drawing begins below it. */
  keep(): void {
    this.#lines = 0;
  }
}
