import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { realWorld } from '#shared/world/real-world.ts';
import { S3Bucket } from '../bucket.ts';
import { S3_SETTINGS } from '../s3.ts';
import { S3Uploads } from '../uploads.ts';
import { patient, stubbedSettings } from './oracle-process.ts';

/** The product's client of S3, at an oracle or at a wire before one. */
export function s3At(at: { readonly endpoint: string }, as = patient): S3Client {
  const client = new S3Client({
    ...S3_SETTINGS,
    ...stubbedSettings(at, as(S3_SETTINGS)),
    forcePathStyle: true,
  });
  withVersions(client);
  return client;
}

/** Makes a bucket. */
export async function makeBucket(client: S3Client, name: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: name }));
}

/** The capabilities over one bucket. */
export function overBucket(client: S3Client, name: string) {
  return {
    bucket: new S3Bucket(client, name),
    uploads: new S3Uploads(client, name, realWorld),
  };
}

/** The oracle has no versions, which our bucket insists on: what it puts and finds gets one that names nothing. */
function withVersions(versionless: S3Client): void {
  versionless.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      Object.assign(result.output, { VersionId: 'the only one' });
      return result;
    },
    { step: 'initialize', name: 'versions' },
  );
}
