import type { CreatedObject } from '../gate/s3.ts';
import { PLACE } from '../stacks/place.ts';

/** What S3 hands to a function when an object appears (S3 user guide, "Event message structure", 2.1), all of it. */
export function uploadEvent(object: CreatedObject, atMs: number, sequence: number): unknown {
  const { bucket, key, version, etag, sizeBytes, eventName } = object;
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: PLACE.region,
        eventTime: new Date(atMs).toISOString(),
        eventName,
        userIdentity: { principalId: 'AWS:AROAEXAMPLE:uploader' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'uploads',
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
            arn: `arn:${PLACE.partition}:s3:::${bucket}`,
          },
          object: {
            key: keyInEvent(key),
            size: sizeBytes,
            eTag: etag,
            versionId: version,
            sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  };
}

/** URL-encoded as in a form: a space is `+`, a slash stays. */
function keyInEvent(key: string): string {
  return new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/');
}
