import type { ObjectExpiry } from '#host/bucket/object-expiry.ts';
import type { Properties } from './properties.ts';
import type { BucketResource } from './resource-definitions.ts';

/** What has no meaning for files in a folder that only the host serves. */
const WITHOUT_MEANING = [
  ...['AccessControl', 'BucketEncryption', 'CorsConfiguration', 'LoggingConfiguration'],
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
  const rules = properties.section('LifecycleConfiguration')?.sections('Rules') ?? [];
  const expiries = rules.flatMap(readLifecycleRule);
  properties.end();
  return {
    logicalId,
    name,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    versioned: versioning === 'Enabled',
    expiries,
  };
}

/**
 * What a lifecycle rule says of the age of objects. Versions that were replaced or removed and uploads that nobody completed have their
 * time in files too, which is the host's own (see `sweep.ts`).
 */
function readLifecycleRule(rule: Properties): ObjectExpiry[] {
  rule.ignore('Id', 'AbortIncompleteMultipartUpload', 'NoncurrentVersionExpiration');
  const status = rule.choice('Status', ['Disabled', 'Enabled']);
  const prefix = rule.optionalText('Prefix') ?? '';
  if (!rule.has('ExpirationInDays')) return [];
  const afterDays = rule.integer('ExpirationInDays', { min: 1, max: 2_147_483_647 });
  return status === 'Enabled' ? [{ prefix, afterDays }] : [];
}
