/** The most bytes that say how long a packet is (MQTT 3.1.1, section 2.2.3). */
const MOST_LENGTH_BYTES = 4;

/** Reads along how long the packets are that a broker sends, because whoever collects them would hold as much as it says, up to 256 MB. */
export class PacketBound {
  readonly #mostBytes: number;
  /** Bytes of the packet that are still to come, once that is known. */
  #leftBytes = 0;
  /** Bytes of its fixed header that were read: 0 between two packets. */
  #headerBytes = 0;
  #length = 0;

  /** `mostBytes`: of a packet, without its fixed header. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Answers the length of the first packet that is too long, as soon as that is known; `undefined` as long as none is. */
  read(chunk: Uint8Array): number | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#leftBytes > 0) {
        const here = Math.min(this.#leftBytes, chunk.length - at);
        this.#leftBytes -= here;
        at += here;
      } else {
        this.#readHeader(chunk[at] ?? 0);
        at += 1;
        if (this.#leftBytes > this.#mostBytes) return this.#leftBytes;
      }
    }
    return undefined;
  }

  /** The first byte says what a packet is; seven bits of each that follows are of its length, while the eighth is set. */
  #readHeader(byte: number): void {
    if (this.#headerBytes === 0) {
      this.#headerBytes = 1;
      this.#length = 0;
      return;
    }
    this.#length += (byte & 0x7f) * 128 ** (this.#headerBytes - 1);
    const goesOn = byte >= 0x80 && this.#headerBytes < MOST_LENGTH_BYTES;
    if (goesOn) {
      this.#headerBytes += 1;
      return;
    }
    this.#headerBytes = 0;
    this.#leftBytes = this.#length;
  }
}
