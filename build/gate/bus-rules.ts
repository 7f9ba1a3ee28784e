import { at, idIn, listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import { type StackTemplate, textOf } from './stack.ts';

/**
 * What EventBridge cannot deliver to a target it gives up within a day: each rule on the bus has a dead-letter queue for that, and
 * the queue itself lets that very rule in, which EventBridge does not say when it is wrong.
 */
export function busRules(stack: StackTemplate): Fault[] {
  return stack
    .ofType('AWS::Events::Rule')
    .filter(([, { Properties }]) => Properties.EventPattern !== undefined)
    .flatMap(([resource, { Properties }]) =>
      listOf(Properties.Targets).flatMap((target): Fault[] => {
        const queue = idIn(at(target, 'DeadLetterConfig', 'Arn'));
        if (queue !== undefined && letsIn(stack, queue, String(Properties.Name))) return [];
        const message =
          queue === undefined
            ? 'must have a dead-letter queue: what its target does not take within a day is lost'
            : `has the dead-letter queue ${queue}, whose policy does not let it in`;
        return [{ resource, rule: 'event-is-kept', message }];
      }),
    );
}

/** Whether a queue's policy lets EventBridge in for a rule of that name. */
function letsIn(stack: StackTemplate, queueId: string, ruleName: string): boolean {
  return stack
    .ofType('AWS::SQS::QueuePolicy')
    .filter(([, { Properties }]) => listOf(Properties.Queues).some((queue) => idIn(queue) === queueId))
    .flatMap(([, { Properties }]) => listOf(at(Properties.PolicyDocument, 'Statement')))
    .filter((statement) => at(statement, 'Principal', 'Service') === 'events.amazonaws.com')
    .flatMap((statement) => listOf(at(statement, 'Condition', 'ArnEquals', 'aws:SourceArn')))
    .some((arn) => textOf(arn).endsWith(`/${ruleName}`));
}
