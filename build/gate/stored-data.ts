import { at, type Resource } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';
import { type Exception, NOT_RETAINED, WITHOUT_BACKUP } from './written-reasons.ts';

const PUBLIC_ACCESS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

/** Tables and buckets outlive their stack and are encrypted; tables can go back to a moment and are
 * deleted by nobody in passing, buckets are closed to the public. */
export function storedData(stack: StackTemplate): Fault[] {
  return [
    ...stack
      .ofType('AWS::DynamoDB::Table')
      .flatMap(([id, resource]) => [...retained(stack, id, resource), ...table(stack, id, resource)]),
    ...stack
      .ofType('AWS::S3::Bucket')
      .flatMap(([id, resource]) => [...retained(stack, id, resource), ...bucket(id, resource)]),
  ];
}

function retained(stack: StackTemplate, id: string, resource: Resource): Fault[] {
  if (isIn(NOT_RETAINED, stack, id)) return [];
  const { DeletionPolicy, UpdateReplacePolicy } = resource;
  if (DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain') return [];
  const message = 'must have DeletionPolicy and UpdateReplacePolicy Retain';
  return [{ resource: id, rule: 'data-is-retained', message }];
}

function table(stack: StackTemplate, id: string, { Properties }: Resource): Fault[] {
  const faults: Fault[] = [];
  if (at(Properties, 'SSESpecification', 'SSEEnabled') !== true)
    faults.push({ resource: id, rule: 'data-is-encrypted', message: 'must have SSEEnabled' });
  const hasBackup = at(Properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true;
  if (!hasBackup && !isIn(WITHOUT_BACKUP, stack, id))
    faults.push({ resource: id, rule: 'table-has-backup', message: 'must have point-in-time recovery' });
  if (Properties.DeletionProtectionEnabled !== true && !isIn(NOT_RETAINED, stack, id))
    faults.push({ resource: id, rule: 'table-is-protected', message: 'must have DeletionProtectionEnabled' });
  return faults;
}

function bucket(id: string, { Properties }: Resource): Fault[] {
  const faults: Fault[] = [];
  const encryption = at(Properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0);
  if (at(encryption, 'ServerSideEncryptionByDefault', 'SSEAlgorithm') === undefined)
    faults.push({ resource: id, rule: 'data-is-encrypted', message: 'must have bucket encryption' });
  const open = PUBLIC_ACCESS.filter(
    (flag) => at(Properties, 'PublicAccessBlockConfiguration', flag) !== true,
  );
  if (open.length > 0)
    faults.push({ resource: id, rule: 'bucket-is-private', message: `must have ${open.join(', ')}` });
  return faults;
}

function isIn(exceptions: readonly Exception[], stack: StackTemplate, id: string): boolean {
  return exceptions.some((one) => one.stack === stack.name && one.resource === id);
}
