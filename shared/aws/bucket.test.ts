import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeObjects } from '#shared/capabilities/conformance/bucket.suite.ts';
import { describeParts } from '#shared/capabilities/conformance/uploads.suite.ts';
import { S3Bucket } from './bucket.ts';
import { askForParts } from './testing/ask-for-parts.ts';
import { ORACLE_SETTINGS, type Oracle, startFauxqs } from './testing/oracle-process.ts';
import { makeBucket, overBucket, s3At } from './testing/s3-bucket.ts';
import { passTo, Wire } from './testing/wire.ts';

/** The part of the SDK's request that the tests look at. */
interface HttpRequest {
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

let oracle: Oracle;
let wire: Wire;
let client: S3Client;
let opened = 0;

beforeAll(async () => {
  oracle = await startFauxqs();
  const passed = passTo(oracle.endpoint);
  wire = await Wire.open((asked) =>
    asked.method === 'GET' && /[?&]uploadId=/.test(asked.path)
      ? askForParts((body) => passed({ ...asked, method: 'POST', body }))
      : passed(asked),
  );
  client = s3At(wire);
});
afterAll(async () => {
  client.destroy();
  await wire.close();
  await oracle.stop();
});

/** A new bucket. */
async function openBucket() {
  opened += 1;
  const name = `conformance-${opened}`;
  await makeBucket(client, name);
  // The oracle keeps it in memory until it ends.
  return { ...overBucket(client, name), fetch, close: () => Promise.resolve() };
}

describeObjects('S3 on the wire (an oracle without versions)', openBucket);
describeParts(
  'S3 on the wire (an oracle that does not look at the key of an upload, and tells of one only when it is completed)',
  openBucket,
);

test('the address of a part is signed with its length: S3 takes no other (the oracle does not look)', async () => {
  const { uploads, close } = await openBucket();
  const upload = await uploads.begin('uploads/a', { sizeBytes: 9_000_000, lifeSeconds: 60 });
  const [first, last] = upload.parts.map(({ url }) => new URL(url).searchParams);
  expect([first, last].map((query) => query?.get('X-Amz-SignedHeaders'))).toEqual(
    Array(2).fill('content-length;host'),
  );
  await close();
});

describe('what the oracle has no part of', () => {
  // Answers nothing, so that only what is sent is seen.
  async function sentBy(call: (bucket: S3Bucket) => Promise<unknown>): Promise<HttpRequest> {
    const requests: HttpRequest[] = [];
    const watched = new S3Client({ ...ORACLE_SETTINGS, maxAttempts: 1 });
    watched.middlewareStack.add(
      () => (args) => {
        requests.push(args.request as HttpRequest);
        throw new Error('sent');
      },
      { step: 'finalizeRequest', name: 'watch', priority: 'low' },
    );
    await expect(call(new S3Bucket(watched, 'watched'))).rejects.toThrow('sent');
    watched.destroy();
    const [request] = requests;
    if (request === undefined) throw new Error('nothing was sent');
    return request;
  }

  test('a read of a version names it', async () => {
    const { query } = await sentBy((bucket) => bucket.read('uploads/a', { version: 'v.1' }));
    expect(query).toMatchObject({ versionId: 'v.1' });
  });

  test('a copy names the version of its source', async () => {
    const { headers } = await sentBy((bucket) => bucket.copy({ key: 'uploads/a=b', version: 'v.1' }, 'to'));
    expect(headers).toMatchObject({ 'x-amz-copy-source': 'watched/uploads%2Fa%3Db?versionId=v.1' });
  });
});
