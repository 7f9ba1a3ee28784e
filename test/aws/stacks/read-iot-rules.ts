import type { DeployedStack } from './deployed-stack.ts';

/** What a rule does with what its SQL selects. */
export type IotAction =
  | { readonly kind: 'queue'; readonly queueUrl: string; readonly roleArn: string }
  | { readonly kind: 'function'; readonly functionArn: string };

/** An `AWS::IoT::TopicRule`. */
export interface DeployedRule {
  readonly name: string;
  readonly arn: string;
  readonly sql: string;
  readonly actions: readonly IotAction[];
  readonly errorAction: IotAction | undefined;
}

interface Action {
  readonly Sqs?: { readonly QueueUrl: string; readonly RoleArn: string; readonly UseBase64: boolean };
  readonly Lambda?: { readonly FunctionArn: string };
}

interface Payload {
  readonly Sql: string;
  readonly Actions: readonly Action[];
  readonly ErrorAction?: Action;
}

/** The IoT rules of a stack. */
export function readIotRules(stack: DeployedStack): DeployedRule[] {
  return stack.ofType('AWS::IoT::TopicRule').map(([logicalId, { RuleName, TopicRulePayload }]) => {
    const { Sql, Actions, ErrorAction } = TopicRulePayload as unknown as Payload;
    return {
      name: String(RuleName),
      arn: stack.attribute(logicalId, 'Arn') ?? '',
      sql: Sql,
      actions: Actions.map(actionOf),
      errorAction: ErrorAction && actionOf(ErrorAction),
    };
  });
}

function actionOf({ Sqs, Lambda }: Action): IotAction {
  if (Lambda !== undefined) return { kind: 'function', functionArn: Lambda.FunctionArn };
  if (Sqs === undefined || Sqs.UseBase64) throw new Error('an action must be Lambda, or Sqs without base64');
  return { kind: 'queue', queueUrl: Sqs.QueueUrl, roleArn: Sqs.RoleArn };
}
