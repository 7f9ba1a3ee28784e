import { listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import { type StackTemplate, type Statement, statementsIn, textOf } from './stack.ts';
import { ON_ANY_RESOURCE } from './written-reasons.ts';

/** The one policy of AWS itself that a role may have: what moves aliases for CodeDeploy, kept by AWS. */
const MANAGED_POLICIES = ['service-role/AWSCodeDeployRoleForLambdaLimited'];

/** Nothing may be done to everything, and nobody may do everything, but for what stands in a list with its reason. */
export function rights(stack: StackTemplate): Fault[] {
  const roles = stack.ofType('AWS::IAM::Role').map(([id]) => ({ id, statements: stack.statementsOf(id) }));
  const policies = [
    ...stack.ofType('AWS::IAM::Policy'),
    ...stack.ofType('AWS::IAM::ManagedPolicy'),
    ...stack.ofType('AWS::SQS::QueuePolicy'),
    ...stack.ofType('AWS::SNS::TopicPolicy'),
    ...stack.ofType('AWS::S3::BucketPolicy'),
    ...stack.ofType('AWS::IoT::Policy'),
    ...stack.ofType('AWS::KMS::Key'),
  ].map(([id, { Properties }]) => ({
    id,
    statements: statementsIn(Properties.PolicyDocument ?? Properties.KeyPolicy),
  }));
  return [
    ...[...roles, ...policies].flatMap(({ id, statements }) => tooWide(stack, id, statements)),
    ...stack
      .ofType('AWS::IAM::Role')
      .flatMap(([id, { Properties }]) => managed(id, Properties.ManagedPolicyArns)),
    ...unusedRoles(stack),
  ];
}

function tooWide(stack: StackTemplate, id: string, statements: readonly Statement[]): Fault[] {
  const faults: Fault[] = [];
  for (const { actions, resources } of statements.filter(({ effect }) => effect === 'Allow')) {
    const isAny = resources.some(coversAll);
    for (const action of actions) {
      if (isIn(stack, id, action)) continue;
      if (isAny) {
        const message = `allows ${action} on any resource, without a written reason`;
        faults.push({ resource: id, rule: 'no-unexplained-star', message });
      }
      if (action.includes('*')) {
        const message = `allows ${action}: actions are named one by one`;
        faults.push({ resource: id, rule: 'no-unexplained-star', message });
      }
    }
  }
  return faults;
}

/**
 * `*`, an ARN that names a kind and not which (`arn:...:function:*`, `arn:...:*`), or all topics of all
 * devices: whoever may publish to those could grant permits.
 */
function coversAll(resource: unknown): boolean {
  const text = textOf(resource).replace(/\$\{[^}]*\}/g, 'reference');
  return text === '*' || /^arn(:[^:]*){4}:(([a-z-]+[:/])?|topic\/ek\/)\*$/.test(text);
}

function isIn(stack: StackTemplate, id: string, action: string): boolean {
  const isOfFunction = id.endsWith('IamRoleLambdaExecution');
  return ON_ANY_RESOURCE.some(
    (one) =>
      one.stack === stack.name &&
      one.action === action &&
      (one.resource === id || (one.resource === '' && isOfFunction)),
  );
}

function managed(id: string, policies: unknown): Fault[] {
  return listOf(policies)
    .map(textOf)
    .filter((arn) => !MANAGED_POLICIES.some((policy) => arn.endsWith(`:aws:policy/${policy}`)))
    .map((arn) => ({
      resource: id,
      rule: 'no-managed-policy',
      message: `has the policy ${arn}: rights are written out`,
    }));
}

/** A role that nothing in its stack has is a set of rights that waits for somebody to take it. */
function unusedRoles(stack: StackTemplate): Fault[] {
  const everything = Object.entries(stack.resources);
  return stack
    .ofType('AWS::IAM::Role')
    .filter(([id]) =>
      everything.every(
        ([, { Properties }]) => !JSON.stringify(Properties).includes(`{"Fn::GetAtt":["${id}","Arn"]}`),
      ),
    )
    .map(([id]) => ({ resource: id, rule: 'role-is-used', message: 'is used by nothing' }));
}
