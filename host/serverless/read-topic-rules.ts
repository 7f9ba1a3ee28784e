import { queueNameAt } from './arn-parts.ts';
import type { Properties } from './properties.ts';
import type { TopicRuleAction, TopicRuleResource } from './resource-definitions.ts';

const SQL_VERSION = '2016-03-23';

/** Reads an AWS::IoT::TopicRule; `functionKeyOf` finds the function of an ARN. Actions other than Lambda and Sqs are refused. */
export function readTopicRule(
  properties: Properties,
  name: string,
  functionKeyOf: (arn: string) => string | undefined,
): TopicRuleResource {
  const { owner: logicalId, stack } = properties;
  properties.ignore('RuleName', 'Tags');
  const payload =
    properties.section('TopicRulePayload') ?? properties.refusing('TopicRulePayload')('is missing');
  payload.ignore('Description');
  const actions = payload.sections('Actions').map((action) => readAction(action, functionKeyOf));
  if (actions.length === 0) payload.refusing('Actions')('must have an action');
  const errorSection = payload.section('ErrorAction');
  const errorAction = errorSection && readAction(errorSection, functionKeyOf);
  // Unless told, a rule is of version 2015-10-08, which reads arrays and null differently.
  if (payload.optionalText('AwsIotSqlVersion') !== SQL_VERSION) {
    payload.refusing('AwsIotSqlVersion')(`must be '${SQL_VERSION}'`);
  }
  const rule: TopicRuleResource = {
    logicalId,
    name,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    sql: payload.text('Sql'),
    sqlVersion: SQL_VERSION,
    actions,
    ...(errorAction !== undefined && { errorAction }),
    disabled: payload.flag('RuleDisabled'),
  };
  properties.end();
  return rule;
}

function readAction(action: Properties, functionKeyOf: (arn: string) => string | undefined): TopicRuleAction {
  const lambda = action.section('Lambda');
  const sqs = action.section('Sqs');
  if (lambda !== undefined && sqs === undefined) {
    const functionKey = functionKeyOf(lambda.text('FunctionArn'));
    return {
      kind: 'lambda',
      functionKey:
        functionKey ?? lambda.refusing('FunctionArn')('must be the ARN of a function of this service'),
    };
  }
  if (sqs === undefined || lambda !== undefined) return action.refusing()('must be Lambda or Sqs');
  sqs.ignore('RoleArn');
  return {
    kind: 'sqs',
    queueName: queueNameAt(sqs.text('QueueUrl'), sqs.refusing('QueueUrl')),
    useBase64: sqs.flag('UseBase64'),
  };
}
