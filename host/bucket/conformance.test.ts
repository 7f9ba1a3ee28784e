import { serveBuckets } from '#host/testing/serve-buckets.ts';
import { describeBucket } from '#shared/capabilities/conformance/bucket.suite.ts';
import { describeDownloads } from '#shared/capabilities/conformance/downloads.suite.ts';
import { describeUploads } from '#shared/capabilities/conformance/uploads.suite.ts';

async function open() {
  const served = await serveBuckets({ freeBytes: async () => Number.POSITIVE_INFINITY });
  return { ...served.buckets.of('firmware'), fetch, close: () => served.close() };
}

describeBucket('a bucket in files', open);
describeUploads('a bucket in files', open);
describeDownloads('a bucket in files', open);
