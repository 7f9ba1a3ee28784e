import { createHash } from 'node:crypto';

/**
 * Chance out of one seed and one name (sfc32 after Chris Doty-Humphrey): every concern has a stream of its own, so that what one of
 * them draws more or less leaves the others as they were. That is what lets a failure be shrunk.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string, name: string) {
    const digest = createHash('sha256').update(`${seed}\n${name}`).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
  }

  /** A number in [0, 1). */
  next(): number {
    return this.#draw() / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both inclusive. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of them. Throws `RangeError` when there is none. */
  pick<T>(all: readonly T[]): T {
    const picked = all[Math.floor(this.next() * all.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  /** Whether something of that probability happens. */
  happens(rate: number): boolean {
    return rate > 0 && this.next() < rate;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#draw() & 255);
  }

  /** 32 random bits, unsigned. */
  #draw(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}
