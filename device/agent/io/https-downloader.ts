import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { faultOf } from '#shared/errors/fault-of.ts';
import { pause, type World } from '#shared/world/world.ts';
import { DownloadError, type Downloader, type Wanted } from '../ports.ts';
import { isFull, isUnreadable } from './file-errors.ts';
import { networkFault } from './network-fault.ts';
import { Pace } from './pace.ts';
import type { Partial, PartialStore } from './partial.ts';

/** Where downloads go, and what they may take of the line. */
export interface HttpsDownloaderOptions {
  readonly partials: PartialStore;
  readonly world: World;
  /** Carries the certificate of the authority that is trusted, and may keep connections alive. */
  readonly agent: Agent;
  /** A server that sends next to nothing for so long is left: while it is connected to, before it answers and while it does. */
  readonly idleMs: number;
  /** The most that is taken, in bytes a second; no bound unless given. */
  readonly bytesPerSecond?: number;
}

/** Answers that a URL gives once it has expired or was withdrawn: asking again for the same is of no use. */
const URL_IS_OVER = new Set([400, 401, 403, 404, 410]);

/**
 * Downloads over HTTPS, redirects not followed, straight into a `PartialStore`. A broken download goes on with one range
 * (RFC 9110, section 14), and only where `If-Range` proves that it is still the same object.
 */
export class HttpsDownloader implements Downloader {
  readonly #options: HttpsDownloaderOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HttpsDownloaderOptions) {
    this.#options = options;
  }

  /** The same device on a slow line. */
  atMost(bytesPerSecond: number): HttpsDownloader {
    return new HttpsDownloader({ ...this.#options, bytesPerSecond });
  }

  /** The same line, other storage. */
  into(partials: PartialStore): HttpsDownloader {
    return new HttpsDownloader({ ...this.#options, partials });
  }

  get partials(): PartialStore {
    return this.#options.partials;
  }

  fetch(wanted: Wanted, signal: AbortSignal): Promise<string> {
    return this.#inTurn(() => this.#fetch(wanted, signal));
  }

  discard(sha256: string): Promise<void> {
    return this.#inTurn(() => this.#options.partials.discard(sha256));
  }

  /** Of two downloads at once both would write to one file, and one that is being stopped to what is discarded. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run, run);
    this.#last = done;
    return done;
  }

  async #fetch(wanted: Wanted, signal: AbortSignal): Promise<string> {
    const { partials } = this.#options;
    const { sha256, sizeBytes } = wanted;
    try {
      signal.throwIfAborted();
      const whole = await partials.whole(sha256);
      if (whole !== undefined) return whole;
      const partial = await partials.open(sha256, sizeBytes);
      let goesOn = true;
      try {
        if (partial.receivedBytes < sizeBytes) goesOn = await this.#receive(wanted, partial, signal);
      } catch (error) {
        await partial.pause();
        throw error;
      }
      if ((await partial.digest()) === sha256) return await partial.keep();
      await partials.discard(sha256);
      // Bytes of an earlier try may never have reached the disk: only a download in one go tells what the server has.
      if (goesOn) throw new DownloadError('network', 'what was here already was not of these bytes');
      throw new DownloadError('mismatch', 'the bytes are not those that were signed');
    } catch (error) {
      if (error instanceof DownloadError) throw error;
      // What cannot be read is in the way of every later try, and its bytes come again.
      if (isUnreadable(error)) await partials.discard(sha256);
      const why = networkFault(faultOf(error), this.#options.world.now());
      throw new DownloadError(isFull(error) ? 'no-space' : 'network', why, { cause: error });
    }
  }

  /** Receives what is missing; answers whether that went on from bytes that were there before. */
  async #receive({ url, sizeBytes }: Wanted, partial: Partial, signal: AbortSignal): Promise<boolean> {
    const { receivedBytes } = partial;
    const etag = strongEtag(partial.etag);
    const goesOn = receivedBytes > 0 && etag !== undefined;
    const asked = this.#ask(
      url,
      goesOn ? { range: `bytes=${receivedBytes}-`, 'if-range': etag } : {},
      signal,
    );
    try {
      const response = await asked.answer;
      const { statusCode = 0, headers } = response;
      if (statusCode === 206 && goesOn) {
        const range = `bytes ${receivedBytes}-${sizeBytes - 1}/${sizeBytes}`;
        if (headers['content-range'] !== range)
          await refuse(response, partial, `answered ${headers['content-range']}`);
      } else if (statusCode === 200) {
        await partial.restart(strongEtag(headers.etag));
      } else if (URL_IS_OVER.has(statusCode)) {
        response.destroy();
        throw new DownloadError('expired', `the URL answers ${statusCode}`);
      } else {
        await refuse(response, partial, `the server answers ${statusCode}`);
      }
      await this.#take(response, partial, { sizeBytes, pace: asked.pace });
      return statusCode === 206;
    } finally {
      asked.pace.end();
    }
  }

  async #take(
    response: IncomingMessage,
    partial: Partial,
    { sizeBytes, pace }: { readonly sizeBytes: number; readonly pace: Pace },
  ): Promise<void> {
    const { world, bytesPerSecond } = this.#options;
    const startedMs = world.monotonicMs();
    let takenBytes = 0;
    // A response stream without an encoding gives bytes.
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      pace.came(chunk.length);
      takenBytes += chunk.length;
      if (partial.receivedBytes + chunk.length > sizeBytes) {
        response.destroy();
        throw new DownloadError('mismatch', `there are more than ${sizeBytes} bytes`);
      }
      await partial.append(chunk);
      if (bytesPerSecond === undefined) continue;
      const aheadMs = (takenBytes / bytesPerSecond) * 1000 - (world.monotonicMs() - startedMs);
      if (aheadMs > 10) await pause(world, aheadMs);
    }
    if (partial.receivedBytes < sizeBytes) throw new DownloadError('network', 'the answer ended early');
  }

  #ask(url: string, headers: Record<string, string>, signal: AbortSignal): Asked {
    const { agent, idleMs, world } = this.#options;
    const { promise: answer, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    if (!url.startsWith('https://')) throw new DownloadError('mismatch', 'the URL must begin with https://');
    const asked = request(url, { agent, headers, signal });
    let stalling: IncomingMessage | undefined;
    const pace = new Pace(world, idleMs, (error) => (stalling ?? asked).destroy(error));
    // Who waits for a connection of the agent has not begun.
    asked.on('socket', () => pace.begin());
    asked.on('response', (response) => {
      stalling = response;
      resolve(response);
    });
    asked.on('error', reject);
    asked.end();
    return { answer, pace };
  }
}

/** A request that is under way. */
interface Asked {
  readonly answer: Promise<IncomingMessage>;
  readonly pace: Pace;
}

/** What is here cannot be gone on with: the next try begins at the start. */
async function refuse(response: IncomingMessage, partial: Partial, why: string): Promise<never> {
  response.destroy();
  if (response.statusCode === 206 || response.statusCode === 416) await partial.restart(undefined);
  throw new DownloadError('network', why);
}

/** Visible ASCII in quotes: what a loss of power left of one that was kept, NULs or half of it, fits into no header. */
const STRONG_ETAG = /^"[\x21\x23-\x7e]*"$/;
/** A weak validator proves nothing about bytes (RFC 9110, section 8.8.1). */
const strongEtag = (etag: string | undefined): string | undefined =>
  etag !== undefined && STRONG_ETAG.test(etag) ? etag : undefined;
