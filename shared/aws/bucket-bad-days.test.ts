import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bucket, Uploads } from '#shared/capabilities/bucket.ts';
import { bytesOf, readAll } from '#shared/capabilities/conformance/object-bytes.ts';
import {
  AccessDeniedError,
  NotFoundError,
  ThrottledError,
  UnknownOutcomeError,
} from '#shared/errors/errors.ts';
import {
  answersTooLate,
  cutsAnswerShort,
  losesAnswer,
  losesRequest,
  refusesInXml,
} from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { impatient, type Oracle, startFauxqs } from './testing/oracle-process.ts';
import { makeBucket, overBucket, s3At } from './testing/s3-bucket.ts';
import { answer, passTo, Wire, type WireAnswer, type WireReply, type WireRequest } from './testing/wire.ts';

pauseForNothing();

const UPLOAD = { sizeBytes: 5, lifeSeconds: 600 };

describe('a bucket on S3 on a bad day (a real oracle behind a wire that fails)', () => {
  let oracle: Oracle;
  let wire: Wire;
  let client: S3Client;
  let name: string;
  let made = 0;
  let bucket: Bucket;
  let uploads: Uploads;
  let passed: (asked: WireRequest) => Promise<WireAnswer>;
  beforeAll(async () => {
    oracle = await startFauxqs();
    passed = withoutVersions(passTo(oracle.endpoint));
  });
  afterAll(() => oracle.stop());
  beforeEach(async () => {
    wire = await Wire.open(passed);
    client = s3At(wire);
    made += 1;
    name = `bad-day-${made}`;
    await makeBucket(client, name);
    ({ bucket, uploads } = overBucket(client, name));
    wire.requests.length = 0;
  });
  afterEach(async () => {
    client.destroy();
    await wire.close();
  });

  async function sendPart(url: string): Promise<string> {
    const response = await fetch(url, { method: 'PUT', body: 'hello' });
    return response.headers.get('etag') ?? '';
  }

  test('repeats puts, copies, removals and reads of which the answer was lost', async () => {
    wire.next(losesAnswer(passed));
    const { version } = await bucket.put('a', bytesOf('hello'));
    wire.next(losesAnswer(passed));
    expect(await bucket.copy({ key: 'a', version }, 'b')).toBe(true);
    wire.next(losesAnswer(passed));
    await bucket.remove('a');
    wire.next(losesRequest, losesAnswer(passed));
    expect(await readAll(bucket.read('b'))).toEqual(bytesOf('hello'));
    expect(wire.requests).toHaveLength(9);
    expect(await bucket.head('a')).toBeUndefined();
  });

  test('does not know the outcome after three lost answers, and tries no more', async () => {
    wire.next(losesAnswer(passed), losesAnswer(passed), losesAnswer(passed));
    await expect(bucket.put('a', bytesOf('hello'))).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(3);
    expect(await bucket.head('a')).toMatchObject({ sizeBytes: 5 });
  });

  test('does not take an object for whole whose bytes broke off', async () => {
    await bucket.put('a', bytesOf('hello'));
    wire.next(cutsAnswerShort(passed));
    await expect(readAll(bucket.read('a'))).rejects.toThrow(UnknownOutcomeError);
  });

  test('waits for a copy longer than for anything else', async () => {
    const hurried = s3At(wire, impatient);
    const { bucket: slow } = overBucket(hurried, name);
    const { version } = await bucket.put('a', bytesOf('hello'));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    wire.next(async (asked): Promise<WireReply> => {
      await released;
      return passed(asked);
    });
    const copied = slow.copy({ key: 'a', version }, 'b');
    await wire.asked(2);
    wire.next(answersTooLate(passed), answersTooLate(passed), answersTooLate(passed));
    await expect(slow.put('c', bytesOf('x'))).rejects.toThrow(UnknownOutcomeError);
    release();
    expect(await copied).toBe(true);
    hurried.destroy();
  });

  test.each([
    [503, 'SlowDown'],
    [429, 'TooManyRequestsException'],
  ])('is throttled (%d) after three tries', async (status, code) => {
    wire.next(...Array(3).fill(refusesInXml(status, code)));
    await expect(bucket.put('a', bytesOf('x'))).rejects.toThrow(ThrottledError);
    expect(wire.requests).toHaveLength(3);
  });

  test.each([500, 503])(
    'does not know what became of a put that failed with %d three times',
    async (status) => {
      wire.next(...Array(3).fill(refusesInXml(status, 'InternalError')));
      await expect(bucket.put('a', bytesOf('x'))).rejects.toThrow(UnknownOutcomeError);
      expect(wire.requests).toHaveLength(3);
    },
  );

  test('sees the error in an answer of 200: a copy that broke off is no copy', async () => {
    const { version } = await bucket.put('a', bytesOf('hello'));
    wire.requests.length = 0;
    const brokeOff = () =>
      answer(200, '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code></Error>', {
        'content-type': 'application/xml',
      });
    wire.next(brokeOff, brokeOff, brokeOff);
    await expect(bucket.copy({ key: 'a', version }, 'b')).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(3);
    wire.next(brokeOff);
    expect(await bucket.copy({ key: 'a', version }, 'b')).toBe(true);
  });

  test('throws what it may not do, without trying again', async () => {
    wire.next(refusesInXml(403, 'AccessDenied'));
    await expect(bucket.put('a', bytesOf('x'))).rejects.toThrow(AccessDeniedError);
    expect(wire.requests).toHaveLength(1);
  });

  test('begins an upload again when the answer was lost; S3 drops the other after two days', async () => {
    wire.next(losesAnswer(passed));
    const upload = await uploads.begin('uploads/a', UPLOAD);
    expect(wire.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill(`POST /${name}/uploads/a?uploads=`),
    );
    const etag = await sendPart(upload.parts[0]?.url ?? '');
    await uploads.complete('uploads/a', upload.uploadId, [{ number: 1, etag }]);
    expect(await readAll(bucket.read('uploads/a'))).toEqual(bytesOf('hello'));
  });

  test('asks whether an upload is open before it renews it, again when the answer was lost', async () => {
    const listed = () =>
      answer(200, '<ListPartsResult></ListPartsResult>', { 'content-type': 'application/xml' });
    wire.next(losesAnswer(listed), listed);
    expect(await uploads.renew('uploads/a', 'open', UPLOAD)).toMatchObject({ uploadId: 'open' });
    expect(wire.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill(`GET /${name}/uploads/a?uploadId=open&x-id=ListParts`),
    );
  });

  test('renews an upload with the ETags of the parts that S3 has, page by page', async () => {
    const listed = (part: number, more: string) => () =>
      answer(
        200,
        `<ListPartsResult>${more}<Part><PartNumber>${part}</PartNumber><ETag>&quot;e${part}&quot;</ETag></Part></ListPartsResult>`,
        { 'content-type': 'application/xml' },
      );
    const more = '<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>';
    wire.next(listed(1, more), listed(3, '<IsTruncated>false</IsTruncated>'));
    const sizeBytes = 2 * 8 * 1024 * 1024 + 1;
    const { parts } = await uploads.renew('uploads/a', 'open', { ...UPLOAD, sizeBytes });
    expect(parts.map(({ number, etag }) => [number, etag])).toEqual([
      [1, 'e1'],
      [2, undefined],
      [3, 'e3'],
    ]);
    expect(wire.requests[1]?.path).toContain('part-number-marker=1');
  });

  test('renews no upload that S3 gave up, and none of which it cannot say', async () => {
    const renewed = () => uploads.renew('uploads/a', 'gone', UPLOAD);
    wire.next(refusesInXml(404, 'NoSuchUpload'));
    await expect(renewed()).rejects.toThrow(NotFoundError);
    wire.next(refusesInXml(403, 'AccessDenied'));
    await expect(renewed()).rejects.toThrow(AccessDeniedError);
    wire.next(...Array(3).fill(refusesInXml(503, 'SlowDown')));
    await expect(renewed()).rejects.toThrow(ThrottledError);
  });

  test('has completed an upload of which the answer was lost, though S3 knows of no such upload any more', async () => {
    const upload = await uploads.begin('uploads/a', UPLOAD);
    const etag = await sendPart(upload.parts[0]?.url ?? '');
    wire.requests.length = 0;
    wire.next(losesAnswer(passed));
    await uploads.complete('uploads/a', upload.uploadId, [{ number: 1, etag }]);
    expect(wire.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'HEAD']);
  });

  test.each([403, 404])(
    'has not completed an upload when other bytes, or none (%d), are there',
    async (absent) => {
      const parts = [{ number: 1, etag: '"d41d8cd98f00b204e9800998ecf8427e"' }];
      await bucket.put('uploads/a', bytesOf('other'));
      wire.next(refusesInXml(404, 'NoSuchUpload'));
      await expect(uploads.complete('uploads/a', 'gone', parts)).rejects.toThrow(NotFoundError);
      wire.next(refusesInXml(404, 'NoSuchUpload'), () => answer(absent, ''));
      await expect(uploads.complete('uploads/a', 'gone', parts)).rejects.toThrow(NotFoundError);
    },
  );
});

/** The oracle keeps no versions: a copy is of what is there. */
function withoutVersions(service: (asked: WireRequest) => Promise<WireAnswer>) {
  return ({ headers, ...asked }: WireRequest) => {
    const { 'x-amz-copy-source': source, ...others } = headers;
    const copied = source === undefined ? {} : { 'x-amz-copy-source': source.replace(/\?versionId=.*$/, '') };
    return service({ ...asked, headers: { ...others, ...copied } });
  };
}
