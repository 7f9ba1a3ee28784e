import { at, idIn, listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';
import { DIRECT_RULES } from './written-reasons.ts';

/** Every IoT rule has SQL, an action and an error action, and the right to do both; facts are put into a queue. */
export function iotRules(stack: StackTemplate): Fault[] {
  return stack.ofType('AWS::IoT::TopicRule').flatMap(([id, { Properties }]) => {
    const payload = Properties.TopicRulePayload;
    const faults: Fault[] = [];
    const say = (rule: string, message: string) => void faults.push({ resource: id, rule, message });
    const sql = at(payload, 'Sql');
    if (typeof sql !== 'string' || !/^SELECT\s.+\sFROM\s+'.+'/i.test(sql))
      say('rule-has-sql', 'must have SQL that selects from a topic');
    if (at(payload, 'AwsIotSqlVersion') !== '2016-03-23')
      say(
        'rule-has-sql',
        "must have the AwsIotSqlVersion '2016-03-23': the usual one reads arrays differently",
      );
    if (at(payload, 'RuleDisabled') === true) say('rule-is-on', 'is switched off');
    const actions = listOf(at(payload, 'Actions'));
    if (actions.length === 0) say('rule-has-action', 'must have an action');
    const errorAction = at(payload, 'ErrorAction');
    if (errorAction === undefined)
      say(
        'rule-has-error-action',
        'must have an error action: what an action cannot take is lost without it',
      );
    for (const action of [...actions, ...listOf(errorAction)]) faults.push(...sending(stack, id, action));
    const isDirect = actions.some((action) => at(action, 'Lambda') !== undefined);
    const mayBeDirect = DIRECT_RULES.some((one) => one.stack === stack.name && one.resource === id);
    if (isDirect && !mayBeDirect)
      say(
        'facts-go-through-a-queue',
        'invokes a function: an asynchronous invocation can be lost, so that facts need a queue between',
      );
    return faults;
  });
}

/** What an action does is allowed: by the rule's role for a queue of this stack, by a permission for a function. */
function sending(stack: StackTemplate, rule: string, action: unknown): Fault[] {
  const arn = at(action, 'Lambda', 'FunctionArn');
  if (arn !== undefined) {
    const target = stack.target(arn);
    const isAllowed = stack.ofType('AWS::Lambda::Permission').some(([, { Properties }]) => {
      const allowed = stack.target(Properties.FunctionName);
      return (
        Properties.Principal === 'iot.amazonaws.com' &&
        idIn(Properties.SourceArn) === rule &&
        allowed?.functionId === target?.functionId &&
        allowed?.qualifier === target?.qualifier
      );
    });
    if (target !== undefined && isAllowed) return [];
    const message = 'invokes what no permission lets it invoke under that qualifier';
    return [{ resource: rule, rule: 'rule-may-act', message }];
  }
  const queue = idIn(at(action, 'Sqs', 'QueueUrl'));
  const role = idIn(at(action, 'Sqs', 'RoleArn'));
  if (role === undefined)
    return [{ resource: rule, rule: 'rule-may-act', message: 'has an action without a role of this stack' }];
  // A queue of another stack is named by its address, and the statement by its ARN.
  if (queue === undefined || stack.maySendTo(role, queue)) return [];
  return [
    { resource: rule, rule: 'rule-may-act', message: `sends to ${queue}, which ${role} does not allow` },
  ];
}
