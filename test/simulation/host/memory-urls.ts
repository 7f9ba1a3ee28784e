import { type MemoryDisk, storePart } from './memory-buckets.ts';

interface Signed {
  readonly method: 'GET' | 'PUT';
  readonly bucket: string;
  readonly key: string;
  readonly expiresAtSeconds: number;
  readonly uploadId?: string;
  readonly part?: number;
}

/** An answer over HTTP, as far as clients of buckets look at it. */
export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A request for a presigned URL. */
export interface UrlRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: Uint8Array;
  readonly range?: string;
  /** The range is only wanted of the object with this ETag. */
  readonly ifRange?: string;
}

/** A presigned URL. Nobody forges one in the simulation, so that it names what it allows and carries no signature. */
export function urlOf(baseUrl: string, signed: Signed): string {
  const { method, bucket, key, expiresAtSeconds, uploadId, part } = signed;
  const query = new URLSearchParams({ method, expires: String(expiresAtSeconds) });
  if (uploadId !== undefined) query.set('upload', uploadId);
  if (part !== undefined) query.set('part', String(part));
  return `${baseUrl}/bucket/${bucket}/${encodeURIComponent(key)}?${query}`;
}

/** Until when a URL gives anything, milliseconds since 1970. */
const expiryOf = (url: string): number => Number(new URL(url).searchParams.get('expires')) * 1000;

/** Answers a request for a presigned URL as the bucket's server would. */
export function answerUrl(disk: MemoryDisk, nowMs: number, request: UrlRequest): UrlAnswer {
  const { pathname, searchParams } = new URL(request.url);
  const [, , bucket = '', path = ''] = pathname.split('/');
  if (searchParams.get('method') !== request.method) return bare(405);
  if (nowMs >= expiryOf(request.url)) return bare(403);
  if (request.method === 'PUT') return putPart(disk, searchParams, request.body ?? new Uint8Array());
  const object = disk.latest.get(`${bucket} ${decodeURIComponent(path)}`);
  if (object === undefined) return bare(404);
  const { bytes, etag } = object;
  const headers = { 'accept-ranges': 'bytes', etag: `"${etag}"` };
  const isSame = request.ifRange === undefined || request.ifRange === `"${etag}"`;
  const span = isSame ? spanOf(request.range, bytes.length) : undefined;
  if (span === undefined) return { ...answerOf(200, bytes), headers: { ...headers, ...lengthOf(bytes) } };
  if (span === 'nothing') return bare(416);
  const [first, last] = span;
  const part = bytes.slice(first, last + 1);
  const range = { 'content-range': `bytes ${first}-${last}/${bytes.length}` };
  return { ...answerOf(206, part), headers: { ...headers, ...lengthOf(part), ...range } };
}

function putPart(disk: MemoryDisk, query: URLSearchParams, body: Uint8Array): UrlAnswer {
  const etag = storePart(disk, query.get('upload') ?? '', Number(query.get('part')), body);
  return etag === undefined ? bare(404) : { ...bare(200), headers: { etag: `"${etag}"` } };
}

/** One span of bytes as RFC 9110 reads it; everything else asks for the whole. */
function spanOf(range: string | undefined, size: number): readonly [number, number] | 'nothing' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return [Math.max(0, size - Number(to)), size - 1];
  const first = Number(from);
  if (first >= size) return 'nothing';
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return last < first ? undefined : [first, last];
}

const answerOf = (status: number, body: Uint8Array): UrlAnswer => ({ status, headers: {}, body });
const bare = (status: number): UrlAnswer => answerOf(status, new Uint8Array());
const lengthOf = (body: Uint8Array) => ({ 'content-length': String(body.length) });
