import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { describeBucket } from '#shared/capabilities/conformance/bucket.suite.ts';
import { describeDownloads } from '#shared/capabilities/conformance/downloads.suite.ts';
import { describeUploads } from '#shared/capabilities/conformance/uploads.suite.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { S3Bucket } from './bucket.ts';
import { S3Downloads } from './downloads.ts';
import { ORACLE_SETTINGS, type Oracle, startFauxqs } from './testing/oracle-process.ts';
import { S3Uploads } from './uploads.ts';

let oracle: Oracle;
let client: S3Client;
let opened = 0;

beforeAll(async () => {
  oracle = await startFauxqs();
  client = new S3Client({
    ...ORACLE_SETTINGS,
    endpoint: oracle.endpoint,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
});
afterAll(async () => {
  client.destroy();
  await oracle.stop();
});

/** A new, versioned bucket. */
async function openBucket() {
  opened += 1;
  const name = `conformance-${opened}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  return {
    bucket: new S3Bucket(client, name),
    uploads: new S3Uploads(client, name, realWorld),
    downloads: new S3Downloads(client, name, realWorld),
    fetch,
    // The oracle keeps it in memory until it ends.
    close: () => Promise.resolve(),
  };
}

describeBucket('S3 on the wire', openBucket);
describeUploads('S3 on the wire', openBucket);
describeDownloads('S3 on the wire', openBucket);
