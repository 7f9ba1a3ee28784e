import { at, listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/** Services of AWS that say for whom they come, to roles as well; others only do so to policies of resources. */
const NAMES_ITSELF_TO_ROLES = 'iot.amazonaws.com';

/**
 * Whoever lets a service of AWS in says for whom it may come: else somebody else's rule, alarm or bucket could send it (IAM, "the
 * confused deputy problem").
 */
export function sources(stack: StackTemplate): Fault[] {
  const policies = [
    ...stack.ofType('AWS::SQS::QueuePolicy'),
    ...stack.ofType('AWS::SNS::TopicPolicy'),
    ...stack.ofType('AWS::S3::BucketPolicy'),
    ...stack.ofType('AWS::KMS::Key'),
  ].flatMap(([id, { Properties }]) =>
    listOf(at(Properties.PolicyDocument ?? Properties.KeyPolicy, 'Statement')).map(
      (one) => [id, one] as const,
    ),
  );
  const roles = stack
    .ofType('AWS::IAM::Role')
    .flatMap(([id, { Properties }]) =>
      listOf(at(Properties.AssumeRolePolicyDocument, 'Statement')).map((one) => [id, one] as const),
    )
    .filter(([, statement]) => services(statement).includes(NAMES_ITSELF_TO_ROLES));
  const open = [...policies, ...roles].filter(
    ([, statement]) => services(statement).length > 0 && !namesSource(at(statement, 'Condition')),
  );
  const permissions = stack
    .ofType('AWS::Lambda::Permission')
    .filter(([, { Properties }]) => (Properties.SourceArn ?? Properties.SourceAccount) === undefined);
  return [...open, ...permissions].map(([resource]) => ({
    resource,
    rule: 'service-names-its-source',
    message: 'lets a service of AWS in without saying for whom: aws:SourceArn or aws:SourceAccount',
  }));
}

function services(statement: unknown): readonly unknown[] {
  return at(statement, 'Effect') === 'Allow' ? listOf(at(statement, 'Principal', 'Service')) : [];
}

function namesSource(condition: unknown): boolean {
  return Object.values(Object(condition)).some((keys) =>
    Object.keys(Object(keys)).some((key) => /^aws:Source(Arn|Account)$/i.test(key)),
  );
}
