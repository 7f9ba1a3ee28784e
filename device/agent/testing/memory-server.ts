import { EventEmitter } from 'node:events';
import { validateHeaderValue } from 'node:http';
import { Readable } from 'node:stream';

/** Bytes that are sent in one piece. */
const PIECE_BYTES = 256;
const ETAG = '"one"';

/** `request` of `node:https` for a server in memory that has one object and serves ranges of it. */
export class MemoryServer {
  /** How many requests came. */
  requests = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readonly request = (_url: string, options: { readonly headers: Record<string, string> }) => {
    this.requests += 1;
    // As Node's own `request` does.
    for (const [name, value] of Object.entries(options.headers)) validateHeaderValue(name, value);
    const asked = new EventEmitter();
    const from = Number(/^bytes=(\d+)-$/.exec(options.headers.range ?? '')?.[1] ?? 0);
    const end = () => {
      queueMicrotask(() => asked.emit('response', this.#answer(from)));
    };
    return Object.assign(asked, { destroy: () => undefined, end });
  };

  #answer(from: number) {
    const { length } = this.#bytes;
    const pieces: Uint8Array[] = [];
    for (let at = from; at < length; at += PIECE_BYTES) {
      pieces.push(this.#bytes.subarray(at, at + PIECE_BYTES));
    }
    const range = from > 0 && { 'content-range': `bytes ${from}-${length - 1}/${length}` };
    return Object.assign(Readable.from(pieces), {
      statusCode: from > 0 ? 206 : 200,
      headers: { etag: ETAG, ...range },
    });
  }
}
