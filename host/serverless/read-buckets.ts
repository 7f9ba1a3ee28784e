import type { Properties } from './properties.ts';
import type { BucketResource } from './resource-definitions.ts';

/** What has no meaning for files in a folder that only the host serves. */
const WITHOUT_MEANING = [
  ...[
    'AccessControl',
    'BucketEncryption',
    'CorsConfiguration',
    'LifecycleConfiguration',
    'LoggingConfiguration',
  ],
  ...[
    'ObjectLockConfiguration',
    'ObjectLockEnabled',
    'OwnershipControls',
    'PublicAccessBlockConfiguration',
    'Tags',
  ],
];

/** Reads an AWS::S3::Bucket; notifications are refused, because they belong into the `s3` event of a function. */
export function readBucket(properties: Properties, name: string): BucketResource {
  const { owner: logicalId, stack } = properties;
  properties.ignore('BucketName', ...WITHOUT_MEANING);
  const versioning = properties
    .section('VersioningConfiguration')
    ?.choice('Status', ['Suspended', 'Enabled']);
  properties.end();
  return {
    logicalId,
    name,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    versioned: versioning === 'Enabled',
  };
}
