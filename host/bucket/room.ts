import { statfs } from 'node:fs/promises';
import { WrongStateError } from '#shared/errors/errors.ts';

const MB = 1_000_000;

/**
 * Kept free for the store, whose end a full disk is, and with it that of the whole host: its log (some 80 MB), the log files (64 MB), and
 * time for somebody to look.
 */
const KEPT_FREE_BYTES = 256 * MB;

/** Room on the disk for what people upload. */
export class Room {
  readonly #freeBytes: () => Promise<number>;
  /** To those who are writing. */
  #promisedBytes = 0;

  /** `freeBytes` says how much is free now. */
  constructor(freeBytes: () => Promise<number>) {
    this.#freeBytes = freeBytes;
  }

  /** Throws `WrongStateError` when so many bytes more would leave the store too little. */
  check(sizeBytes: number): Promise<void> {
    return this.#checkBeside(this.#promisedBytes, sizeBytes);
  }

  /**
   * Promises so many bytes to the caller, until it calls what this resolves to. What it has written by then counts twice, so that others may
   * be refused too early, and never too late. Throws `WrongStateError` as `check` does; then nothing is promised.
   */
  async take(sizeBytes: number): Promise<() => void> {
    const besideBytes = this.#promisedBytes;
    // Before the disk has answered: whoever asks meanwhile must not be given the same bytes.
    this.#promisedBytes += sizeBytes;
    const release = () => {
      this.#promisedBytes -= sizeBytes;
    };
    try {
      await this.#checkBeside(besideBytes, sizeBytes);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  async #checkBeside(promisedBytes: number, sizeBytes: number): Promise<void> {
    const freeBytes = await this.#freeBytes();
    if (freeBytes - promisedBytes - sizeBytes >= KEPT_FREE_BYTES) return;
    const left = Math.floor(freeBytes / MB);
    const arriving =
      promisedBytes > 0 ? `the ${Math.ceil(promisedBytes / MB)} MB of what is arriving and ` : '';
    throw new WrongStateError(
      'disk',
      `of the machine has ${left} MB left, too little for ${Math.ceil(sizeBytes / MB)} MB beside ${arriving}the ${KEPT_FREE_BYTES / MB} MB ` +
        'that stay free for rollouts: make room, then try again',
    );
  }
}

/** How many bytes this process may still write to the disk of that directory; more than there are where the system does not say. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize, blocks } = await statfs(directory);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
