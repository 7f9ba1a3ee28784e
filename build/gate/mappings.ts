import { at, idIn } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/** DynamoDB forgets changes after 24 hours; a few of them are for whoever reads there what was given up. */
const LONGEST_FAILING_SECONDS = 72_000;

/**
 * Every mapping reports which records failed, so that one bad record does not bring its batch again; one that reads a stream, where
 * what failed blocks what follows, has a place for what it gives up at last.
 */
export function mappings(stack: StackTemplate): Fault[] {
  return stack.ofType('AWS::Lambda::EventSourceMapping').flatMap(([id, { Properties }]) => {
    const faults: Fault[] = [];
    const say = (rule: string, message: string) => void faults.push({ resource: id, rule, message });
    if (JSON.stringify(Properties.FunctionResponseTypes) !== '["ReportBatchItemFailures"]')
      say('mapping-reports-item-failures', 'must have functionResponseType ReportBatchItemFailures');
    if (Properties.Enabled === false) say('mapping-is-on', 'is switched off');
    if (at(Properties.EventSourceArn, 'Fn::GetAtt', 1) !== 'StreamArn') return faults;
    const destination = idIn(at(Properties, 'DestinationConfig', 'OnFailure', 'Destination'));
    const role = stack.roleOf(stack.target(Properties.FunctionName)?.functionId ?? '');
    if (destination === undefined)
      say(
        'stream-has-failure-destination',
        'must have a failure destination: a batch that is given up is lost without it',
      );
    else if (!stack.maySendTo(role, destination))
      say('stream-has-failure-destination', `may not send to its failure destination ${destination}`);
    if (!(Number(Properties.MaximumRetryAttempts) >= 0))
      say(
        'stream-gives-up',
        'must have maximumRetryAttempts: a batch that always fails blocks its shard until it expires',
      );
    const oldestSeconds = Number(Properties.MaximumRecordAgeInSeconds);
    if (!(oldestSeconds > 0 && oldestSeconds <= LONGEST_FAILING_SECONDS))
      say(
        'stream-gives-up',
        `must have a maximumRecordAgeInSeconds of at most ${LONGEST_FAILING_SECONDS}: what fails until the stream forgets it is lost without a word`,
      );
    return faults;
  });
}
