import { hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { CompleteUpload, type ReleaseView } from '#shared/contracts/api/firmware.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import { pause } from '#shared/world/world.ts';
import { type ApiClient, errorOf } from '../api-client.ts';
import { ApiError, FailedError, UnreachableError } from '../errors.ts';
import { exchange } from '../http-exchange.ts';
import { PartAddresses } from './part-addresses.ts';
import type { ReadArtifact } from './read-artifact.ts';

/** Which artifact of which release, and how. */
export interface UploadOptions {
  readonly product: string;
  readonly version: string;
  readonly artifact: ReadArtifact;
  /** How many parts are sent at the same time. */
  readonly parallel: number;
  /** Hears of bytes that left, and with a negative count of those of a part that must be sent again. */
  readonly onSent: (bytes: number) => void;
}

/** A part is at most 8 MiB for all that a release may be: this holds down to 14 KB/s. */
const PART_TIMEOUT_MS = 600_000;
const TRIES_PER_PART = 5;
/** What a part's ETag is: on one machine, and of S3 where it encrypts by keys of its own. */
const ETAG_DIGESTS = ['sha256', 'md5'] as const;
const BACKOFF = { firstMs: 250, longestMs: 2_000 };

/**
 * Uploads one artifact: begins (or goes on), PUTs the parts that the bucket lacks a few at a time, each tried again a few times, and
 * puts all together.
 * Answers the release. Throws `ApiError` and `UnreachableError` when a part fails for good, `FailedError` when the file changed.
 */
export async function uploadArtifact(client: ApiClient, options: UploadOptions): Promise<ReleaseView> {
  const { product, version, artifact, parallel } = options;
  const params = { product, version, hardware: artifact.hardware };
  const addresses = await PartAddresses.ask(client, params);
  const file = await open(artifact.file, 'r');
  try {
    const waiting = addresses.numbers.values();
    const done: { number: number; etag: string }[] = [];
    let failed = false;
    const sender = async () => {
      for (const number of waiting) {
        // What one sender could not send makes the work of the others useless.
        if (failed) return;
        try {
          const etag = await sendPart(client, { ...options, file, number, addresses });
          done.push({ number, etag });
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const senders = await Promise.allSettled(Array.from({ length: parallel }, sender));
    for (const one of senders) if (one.status === 'rejected') throw one.reason;
    const body = { uploadId: addresses.uploadId, parts: done.toSorted((a, b) => a.number - b.number) };
    return await client.call(CompleteUpload, { params, body }, { idempotent: true });
  } finally {
    await file.close();
  }
}

interface SendingPart extends UploadOptions {
  readonly file: FileHandle;
  readonly number: number;
  readonly addresses: PartAddresses;
}

/**
 * Sends a part until the bucket has it; answers its ETag. One that it has from an interrupted upload is sent again only when it is not known
 * for these very bytes: an object put together of others would be rejected, and its version with it.
 */
async function sendPart(client: ApiClient, sending: SendingPart): Promise<string> {
  const { number, addresses, onSent } = sending;
  const bytes = await readPart(sending);
  const arrived = addresses.arrived.get(number);
  if (arrived !== undefined && ETAG_DIGESTS.some((name) => hash(name, bytes) === arrived)) {
    onSent(bytes.length);
    return arrived;
  }
  let sinceMs: number | undefined;
  for (let tries = 1; ; tries++) {
    let sentBytes = 0;
    const count = (sent: number) => {
      sentBytes += sent;
      onSent(sent);
    };
    const address = addresses.of(number);
    try {
      return await putPart(client, new URL(address.url), bytes, count);
    } catch (error) {
      onSent(-sentBytes);
      const hasExpired = error instanceof ApiError && error.status === 403;
      if (!(hasExpired || mayPass(error))) throw error;
      sinceMs ??= client.world.monotonicMs();
      if (tries >= TRIES_PER_PART && !client.isWorthWaiting(error, sinceMs)) throw error;
      if (hasExpired) await addresses.renew(address);
    }
    const { world } = client;
    await pause(world, backoffMs(tries - 1, BACKOFF, world));
  }
}

async function putPart(
  client: ApiClient,
  url: URL,
  body: Uint8Array,
  onSent: (bytes: number) => void,
): Promise<string> {
  const { access, world } = client;
  // The pinned authority vouches for its own host only; another bucket proves itself to the authorities of this machine.
  const caPem = url.origin === access.url ? access.caPem : undefined;
  if (url.protocol !== 'https:') throw new FailedError(`the upload address ${url.origin} must be https`);
  const answer = await exchange(
    { method: 'PUT', url, headers: {}, body, caPem, timeoutMs: PART_TIMEOUT_MS, onSent },
    world,
  );
  if (answer.status >= 300) throw errorOf(answer);
  const { etag } = answer.headers;
  if (typeof etag !== 'string') throw new FailedError('the bucket took a part but gave no ETag for it');
  return etag;
}

/** Whether another try may go better: the connection or the server failed, not the request. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof ApiError && (error.status >= 500 || error.status === 429))
  );
}

async function readPart({ file, number, addresses, artifact }: SendingPart): Promise<Uint8Array> {
  const { partSizeBytes } = addresses;
  const fromByte = (number - 1) * partSizeBytes;
  const wantedBytes = Math.min(partSizeBytes, artifact.sizeBytes - fromByte);
  const bytes = Buffer.alloc(wantedBytes);
  let readBytes = 0;
  while (readBytes < wantedBytes) {
    const { bytesRead } = await file.read(bytes, readBytes, wantedBytes - readBytes, fromByte + readBytes);
    if (bytesRead === 0) throw new FailedError(`${artifact.file} became shorter while it was being uploaded`);
    readBytes += bytesRead;
  }
  return bytes;
}
