import type { ObjectCreated } from '#host/bucket/object-index.ts';

/** The event that S3 sends to Lambda (event message structure 2.1): the key is URL-encoded, a space is `+`. */
export function s3Event({ bucket, key, sizeBytes, version, etag }: ObjectCreated, atMs: number): unknown {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'home',
        eventTime: new Date(atMs).toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'),
            size: sizeBytes,
            eTag: etag,
            versionId: version,
            sequencer: atMs.toString(16).toUpperCase().padStart(16, '0'),
          },
        },
      },
    ],
  };
}
