import { createHmac } from 'node:crypto';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { World } from '#shared/world/world.ts';
import type { Invocable } from '../runtime/invocable.ts';
import { notificationOf } from './notification.ts';
import type { NotifyTarget } from './target.ts';

/** From the first byte of the request to the last of the answer. */
const ANSWER_WITHIN_MS = 10_000;
/** An answer's body says nothing to us; what goes on for longer is cut off. */
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Posts events as notifications, one an invocation. An answer of 200 to 299 has taken it; everything else throws, so that it
 * comes again: redirects too, which would carry a secret in the URL to somewhere else.
 */
export class Webhook implements Invocable {
  /** The receiver's host alone: the rest of a webhook's URL is a secret. */
  readonly name: string;
  readonly #target: NotifyTarget;
  readonly #host: string;
  readonly #world: Pick<World, 'after' | 'now'>;
  readonly #closing = new AbortController();

  /** `host` is how this host calls itself to the receiver. */
  constructor(target: NotifyTarget, host: string, world: Pick<World, 'after' | 'now'>) {
    this.name = target.url.host;
    this.#target = target;
    this.#host = host;
    this.#world = world;
  }

  async invoke(event: unknown): Promise<void> {
    const notification = notificationOf(event, this.#host);
    const status = await this.#post(notification.id, JSON.stringify(notification));
    if (status < 200 || status > 299) throw new Error(`the receiver answered ${status}`);
  }

  /** Cuts off what is under way: it fails, and comes again after the next start. */
  close(): void {
    this.#closing.abort(new Error('the host stops'));
  }

  /** Answers the status once the answer is over, whatever its body. */
  async #post(id: string, body: string): Promise<number> {
    const { url } = this.#target;
    const post = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const late = new AbortController();
    const cancel = this.#world.after(ANSWER_WITHIN_MS, () =>
      late.abort(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)),
    );
    const signal = AbortSignal.any([late.signal, this.#closing.signal]);
    const request = post(url, {
      method: 'POST',
      headers: this.#headers(id, body),
      signal,
      agent: false,
      // Whatever this process's environment says of certificates.
      rejectUnauthorized: true,
    });
    try {
      const status = statusOf(request);
      request.end(body);
      return await status;
    } catch (error) {
      // The error of an aborted request does not say why.
      throw signal.aborted ? signal.reason : error;
    } finally {
      cancel();
    }
  }

  /** As Standard Webhooks names and signs them. */
  #headers(id: string, body: string): Record<string, string> {
    const atSeconds = String(Math.floor(this.#world.now() / 1000));
    const { secret } = this.#target;
    const sign = (key: Uint8Array) =>
      createHmac('sha256', key).update(`${id}.${atSeconds}.${body}`).digest('base64');
    return {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'evenkeel',
      'webhook-id': id,
      'webhook-timestamp': atSeconds,
      ...(secret !== undefined && { 'webhook-signature': `v1,${sign(secret)}` }),
    };
  }
}

/** The status that a request is answered with, once its connection has ended. */
function statusOf(request: ClientRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let status: number | undefined;
  // What becomes of the body changes nothing once the status has been read.
  const end = (error: Error) => (status === undefined ? reject(error) : resolve(status));
  request.on('error', end);
  request.on('response', (response) => {
    status = response.statusCode;
    let readBytes = 0;
    response.on('data', (chunk: Buffer) => {
      readBytes += chunk.length;
      if (readBytes > MOST_ANSWER_BYTES) response.destroy();
    });
    response.on('error', end);
  });
  request.on('close', () => end(new Error('the receiver closed without an answer')));
  return promise;
}
