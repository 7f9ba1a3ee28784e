import type { Writable } from 'node:stream';

/**
 * Lets the packets that are written to a connection within two turns of the event loop leave together, as one TLS record and one
 * system call: the acknowledgement of a question and its answer, which are written a turn apart.
 */
export class GatheredWrites {
  /** What ends the gathering of the connections that were written to in this turn, and in the one before. */
  #younger: (() => void)[] = [];
  #older: (() => void)[] = [];
  #isTurning = false;

  /** From now on gathers what is written to that connection by whoever corks it around each packet, as mqtt-packet does. */
  gather(connection: Writable): void {
    const cork = connection.cork.bind(connection);
    const uncork = connection.uncork.bind(connection);
    let isHeld = false;
    const release = () => {
      isHeld = false;
      uncork();
    };
    connection.cork = () => {
      cork();
      if (isHeld) return;
      isHeld = true;
      cork();
      this.#younger.push(release);
      this.#turn();
    };
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const ripe = this.#older;
      this.#older = this.#younger;
      this.#younger = [];
      for (const release of ripe) release();
      if (this.#older.length > 0) this.#turn();
    });
  }
}
