import { createRequire } from 'node:module';
import type { Invocation, Outcome, Start } from './messages.ts';
import { leadAwsTo } from './network.ts';

/**
 * What Lambda's Node runtime does, as a program: loads the bundle once, then calls its handler for every event that comes, and
 * sends back what it returned or threw. A bundle that does not load fails every invocation with the reason.
 */
const [, , argument = ''] = process.argv;
const { bundleFile, network }: Start = JSON.parse(argument);
leadAwsTo(network);

type Handler = (event: unknown, context: object) => Promise<unknown>;
const load = (): Handler => createRequire(import.meta.url)(bundleFile).handler;
let handler: Handler | undefined;
let failure: unknown;
try {
  handler = load();
} catch (error) {
  failure = error;
}

async function run({ event, deadlineMs, ...facts }: Invocation): Promise<Outcome> {
  try {
    if (handler === undefined) throw failure;
    const result = await handler(event, {
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: '$LATEST',
      functionName: facts.functionName,
      invokedFunctionArn: facts.functionArn,
      memoryLimitInMB: String(facts.memoryMegabytes),
      awsRequestId: facts.awsRequestId,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    });
    // As Lambda: the answer is JSON, and what is no JSON is no answer.
    return { outcome: 'returned', result: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { outcome: 'threw', errorType: name, errorMessage: message, trace: stack };
  }
}

process.on('message', (invocation: Invocation) => {
  run(invocation).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
