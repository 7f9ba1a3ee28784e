import { askForParts } from '#shared/aws/testing/ask-for-parts.ts';
import { PLACE } from '../stacks/place.ts';
import type { AwsAnswer, AwsRequest, AwsService, CallerView } from './aws-request.ts';
import { forward } from './forward.ts';
import { operationOf, rightsOf, type S3Object, type S3Operation } from './s3-operation.ts';

/** An object that has appeared, for the notifications of its bucket. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly sizeBytes: number;
  /** `ObjectCreated:CompleteMultipartUpload`. */
  readonly eventName: string;
}

/** What stands behind the gate of S3. */
export interface S3Parts {
  readonly endpoint: string;
  readonly nextVersion: () => string;
  readonly onCreated: (object: CreatedObject) => Promise<void>;
}

/** Bucket of the oracle that holds every version of a bucket's objects, under `<key>/<version>`. */
export const versionsOf = (bucket: string): string => `${bucket}--versions`;

const CREATES: Partial<Record<S3Operation['name'], string>> = {
  PutObject: 'ObjectCreated:Put',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
};

/**
 * S3: an oracle on the wire that has neither versions nor notifications. Both are added here: each object that appears gets a
 * version, whose bytes are kept apart and can be read and copied by it, and is told to `onCreated`.
 */
export class S3Service implements AwsService {
  readonly #parts: S3Parts;
  /** Latest version by bucket and key. */
  readonly #latest = new Map<string, string>();

  constructor(parts: S3Parts) {
    this.#parts = parts;
  }

  operationOf(request: AwsRequest): string {
    return `s3:${operationOf(request).name}`;
  }

  rightsOf(request: AwsRequest) {
    return rightsOf(operationOf(request));
  }

  async answer(request: AwsRequest, caller: CallerView): Promise<AwsAnswer> {
    const operation = operationOf(request);
    const { name, object } = operation;
    const answer = await this.#ask(request, operation);
    if (answer.status === 404 && (name === 'HeadObject' || name === 'GetObject')) {
      // Who may not list a bucket does not learn what is not in it (GetObject, "Permissions").
      const list = { action: 's3:ListBucket', arn: `arn:${PLACE.partition}:s3:::${object.bucket}` };
      return caller.may(list, `s3:${name} of what is absent`)
        ? answer
        : this.error(403, 'AccessDenied', 'Access Denied');
    }
    const eventName = CREATES[name];
    if (eventName !== undefined && isDone(answer)) return this.#created(object, eventName, answer);
    if (name === 'DeleteObject') this.#latest.delete(idOf(object));
    const version = object.version ?? this.#latest.get(idOf(object));
    return version === undefined ? answer : withVersion(answer, version);
  }

  error(status: number, code: string, message: string): AwsAnswer {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    return { status, headers: { 'content-type': 'application/xml' }, body };
  }

  #ask(request: AwsRequest, { name, object, source }: S3Operation): Promise<AwsAnswer> {
    const headers =
      source === undefined ? request.headers : { ...request.headers, 'x-amz-copy-source': pathOf(source) };
    const query = new URLSearchParams(request.rawQuery);
    query.delete('versionId');
    const rest = query.size === 0 ? '' : `?${query}`;
    const ask = (asked: AwsRequest) => forward(this.#parts.endpoint, asked, pathOf(object) + rest);
    if (name === 'ListParts') return askForParts((body) => ask({ ...request, method: 'POST', body }));
    return ask({ ...request, headers });
  }

  /** Keeps the version apart before anyone hears of it. */
  async #created(object: S3Object, eventName: string, answer: AwsAnswer): Promise<AwsAnswer> {
    const { endpoint, nextVersion, onCreated } = this.#parts;
    const version = nextVersion();
    const bare = { host: '', query: new URLSearchParams(), rawQuery: '', headers: {}, body: Buffer.alloc(0) };
    const kept = pathOf({ ...object, version });
    const headers = { 'x-amz-copy-source': pathOf(object) };
    const copied = await forward(endpoint, { ...bare, method: 'PUT', path: kept, headers });
    if (copied.status !== 200) throw new Error(`a version was not kept: ${copied.status} ${copied.body}`);
    const head = await forward(endpoint, { ...bare, method: 'HEAD', path: pathOf(object) });
    this.#latest.set(idOf(object), version);
    const { bucket, key } = object;
    const etag = (head.headers.etag ?? '').replaceAll('"', '');
    const sizeBytes = Number(head.headers['content-length']);
    await onCreated({ bucket, key, version, etag, sizeBytes, eventName });
    return withVersion(answer, version);
  }
}

/** S3 may answer 200 and then say that it failed (CompleteMultipartUpload, CopyObject). */
const isDone = ({ status, body }: AwsAnswer): boolean => status === 200 && !body.includes('<Error>');

const idOf = ({ bucket, key }: S3Object): string => `${bucket}/${key}`;

/** Path of an object at the oracle, in path style; a version is an object of another bucket there. */
function pathOf({ bucket, key, version }: S3Object): string {
  const encoded = key.split('/').map(encodeURIComponent).join('/');
  return version === undefined ? `/${bucket}/${encoded}` : `/${versionsOf(bucket)}/${encoded}/${version}`;
}

const withVersion = (answer: AwsAnswer, version: string): AwsAnswer => ({
  ...answer,
  headers: { ...answer.headers, 'x-amz-version-id': version },
});
