import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RoleCredentials } from '../lambda/lambda-function.ts';
import type { AwsRequest } from './aws-request.ts';

/** What a request says of its signer (Signature Version 4), in its Authorization header or in its query (presigned URL). */
export interface Signed {
  readonly accessKeyId: string;
  /** `<day>/<region>/<service>/aws4_request`. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T000000Z`. */
  readonly date: string;
  readonly sessionToken: string | undefined;
  /** Only of presigned URLs. */
  readonly lifeSeconds?: number;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
/** A clock may be wrong by so much (Signature Version 4, "Timestamp"). */
const CLOCK_SKEW_MS = 15 * 60 * 1000;

/** Reads who signed; `undefined` when nobody did. */
export function signedBy({ headers, query }: AwsRequest): Signed | undefined {
  const [, accessKeyId, scope, names, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (accessKeyId !== undefined && scope !== undefined && names !== undefined && signature !== undefined) {
    const sessionToken = headers['x-amz-security-token'];
    const date = headers['x-amz-date'] ?? '';
    return { accessKeyId, scope, signedHeaders: names.split(';'), signature, date, sessionToken };
  }
  const credential = /^([A-Z0-9]+)\/(.+)$/.exec(query.get('X-Amz-Credential') ?? '');
  if (credential === null || query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return undefined;
  return {
    accessKeyId: credential[1] ?? '',
    scope: credential[2] ?? '',
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    lifeSeconds: Number(query.get('X-Amz-Expires')),
  };
}

/** Why a signature does not hold, as AWS names it; `undefined`: it holds. */
export function signatureFault(
  request: AwsRequest,
  signed: Signed,
  credentials: RoleCredentials,
  nowMs: number,
): string | undefined {
  if (signed.sessionToken !== credentials.sessionToken) return 'InvalidToken';
  const signedAtMs = Date.parse(
    signed.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (signed.lifeSeconds === undefined) {
    if (!(Math.abs(nowMs - signedAtMs) <= CLOCK_SKEW_MS)) return 'RequestTimeTooSkewed';
  } else if (!(nowMs <= signedAtMs + signed.lifeSeconds * 1000)) return 'AccessDenied';
  const claimed = request.headers['x-amz-content-sha256'];
  const isHashed = claimed !== undefined && /^[0-9a-f]{64}$/.test(claimed);
  if (isHashed && claimed !== sha256(request.body)) return 'XAmzContentSHA256Mismatch';
  const expected = sign(request, signed, credentials.secretAccessKey);
  const given = Buffer.from(signed.signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? undefined
    : 'SignatureDoesNotMatch';
}

function sign(
  request: AwsRequest,
  { scope, signedHeaders, date, lifeSeconds }: Signed,
  secret: string,
): Buffer {
  const [day = '', region = '', service = ''] = scope.split('/');
  const payload =
    lifeSeconds !== undefined
      ? 'UNSIGNED-PAYLOAD'
      : (request.headers['x-amz-content-sha256'] ?? sha256(request.body));
  const canonical = [
    request.method,
    // S3 signs the path as it is sent, every other service encodes it once more.
    service === 's3' ? request.path : request.path.split('/').map(encode).join('/'),
    canonicalQuery(request.rawQuery),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text);
}

function canonicalQuery(rawQuery: string): string {
  return [...new URLSearchParams(rawQuery)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: everything but unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
