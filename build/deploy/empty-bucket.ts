import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DeployError } from './deploy-error.ts';

/**
 * Removes every object of a bucket in every version; a bucket that is gone is empty. Throws `DeployError` for one that may not be removed
 * (object lock).
 */
export async function emptyBucket(s3: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await versionsIn(s3, bucket);
    const found = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (found.length === 0) return;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: found, Quiet: true } }),
    );
    const [fault] = Errors;
    if (fault !== undefined)
      throw new DeployError(
        `${bucket}: ${Errors.length} objects stay, the first is ${fault.Key}: ${fault.Message}`,
      );
  }
}

async function versionsIn(s3: S3Client, bucket: string): Promise<Partial<ListObjectVersionsCommandOutput>> {
  try {
    return await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucket') return {};
    throw error;
  }
}
