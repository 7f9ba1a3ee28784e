import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { isKey } from '#shared/capabilities/limits/object-key.ts';
import { ForbiddenError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';

/** What a presigned URL allows: GET (and HEAD) of an object, or PUT of one part of an upload. */
export interface SignedRequest {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  readonly key: string;
  /** Seconds since 1970 after which it is refused. */
  readonly expiresAtSeconds: number;
  readonly part?: { readonly uploadId: string; readonly number: number };
}

/**
 * For how many seconds a URL is made at most. A download: what was withdrawn cannot be fetched for longer than a quarter of an hour
 * (invariant 1 of the rollouts). A part of an upload: an upload is swept a day after it was begun or renewed.
 */
export const LONGEST_LIFE_SECONDS = { GET: 900, PUT: 24 * 60 * 60 } as const;

/** A clock that is put back by less, as time servers do, takes no URL away. */
const CLOCK_STEP_MS = 60_000;

const PATH = /^\/bucket\/([a-z0-9.-]{3,63})\/(.+)$/s;
const PARAMETERS = { expires: /^[1-9]\d{0,11}$/, upload: /^[0-9a-f]{32}$/, part: /^[1-9]\d{0,4}$/ };

/** Makes URLs that are allowed to do one thing for some time, and checks them (HMAC-SHA256 over all they say). */
export class UrlSigner {
  readonly #key: KeyObject;
  readonly #baseUrl: string;
  readonly #world: Pick<World, 'now'>;

  /** `baseUrl` (without a slash at the end) is where `bucketHttp` is reached; it is not signed, so that a host may have several names. */
  constructor(key: Uint8Array, baseUrl: string, world: Pick<World, 'now'>) {
    // Of plain bytes, `createHmac` makes a key object for each signature: seven times the work of the signature itself.
    this.#key = createSecretKey(key);
    this.#baseUrl = baseUrl;
    this.#world = world;
  }

  sign(request: SignedRequest): string {
    const { bucket, key, part } = request;
    const query = new URLSearchParams({ expires: String(request.expiresAtSeconds) });
    if (part) {
      query.set('upload', part.uploadId);
      query.set('part', String(part.number));
    }
    query.set('signature', this.#signature(request).toString('hex'));
    // The alphabet of keys needs no escaping in a path (RFC 3986, section 3.3).
    return `${this.#baseUrl}/bucket/${bucket}/${key}?${query}`;
  }

  /**
   * What the URL (path and query, as in a request line) allows to `method`. Throws `ForbiddenError` that names what is
   * wrong: a signature that does not fit, another method than was signed, a time that is over, or one that no URL made by the present
   * clock could have.
   */
  check(method: string, url: string): SignedRequest {
    const { signature, ...stated } = parse(url);
    const asked = method === 'HEAD' ? 'GET' : method;
    const signed = (['GET', 'PUT'] as const).find((each) =>
      this.#fits({ ...stated, method: each }, signature),
    );
    if (signed === undefined) {
      throw new ForbiddenError('signature', 'does not fit bucket, key, part and expiry of this URL');
    }
    if (signed !== asked) throw new ForbiddenError('method', `this URL is signed for ${signed}`);
    const leftMs = stated.expiresAtSeconds * 1000 - this.#world.now();
    if (leftMs <= 0) throw new ForbiddenError('expires', 'this URL has expired');
    if (leftMs > LONGEST_LIFE_SECONDS[signed] * 1000 + CLOCK_STEP_MS) {
      throw new ForbiddenError(
        'expires',
        'is further away than any URL lives: the clock was put back, ask for a new URL',
      );
    }
    return { ...stated, method: signed };
  }

  #fits(request: SignedRequest, signature: Buffer): boolean {
    return timingSafeEqual(this.#signature(request), signature);
  }

  #signature(request: SignedRequest): Buffer {
    const { method, bucket, key, expiresAtSeconds, part } = request;
    // Bucket and key hold no line feed (`parse` sees to it), so no two requests share a text.
    const lines = [
      'evenkeel-url-1',
      method,
      bucket,
      key,
      expiresAtSeconds,
      part?.uploadId ?? '',
      part?.number ?? '',
    ];
    return createHmac('sha256', this.#key).update(lines.join('\n')).digest();
  }
}

function parse(url: string): Omit<SignedRequest, 'method'> & { signature: Buffer } {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const query = new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt));
  const [, bucket = '', key = ''] = PATH.exec(unescaped(path)) ?? [];
  if (!isKey(key)) throw new ForbiddenError('key', 'is not the key of an object');
  const signature = query.get('signature') ?? '';
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw new ForbiddenError('signature', 'must be 64 characters of lower-case hex');
  }
  const uploadId = query.has('upload') ? parameter(query, 'upload') : undefined;
  return {
    bucket,
    key,
    expiresAtSeconds: Number(parameter(query, 'expires')),
    ...(uploadId === undefined ? {} : { part: { uploadId, number: Number(parameter(query, 'part')) } }),
    signature: Buffer.from(signature, 'hex'),
  };
}

/** Some clients escape characters that need no escaping, which must not break a signature. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    if (cause instanceof URIError) throw new ForbiddenError('key', 'is not escaped as a URL path');
    throw cause;
  }
}

function parameter(query: URLSearchParams, name: keyof typeof PARAMETERS): string {
  const value = query.get(name) ?? '';
  if (!PARAMETERS[name].test(value)) throw new ForbiddenError(name, 'is missing or malformed');
  return value;
}
