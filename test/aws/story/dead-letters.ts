import { SQSClient } from '@aws-sdk/client-sqs';
import { expect } from '@jest/globals';
import { SqsQueue } from '#shared/aws/queue.ts';
import { ORACLE_SETTINGS } from '#shared/aws/testing/oracle-process.ts';
import { contentsOf } from '../account/queue-inspection.ts';
import type { AwsHome } from '../aws-home.ts';
import { PLACE } from '../stacks/place.ts';
import { until } from './until.ts';

/** A batch of reports that the raw log did not take. */
export const REPORTS = { v: 1, reports: expect.anything() };

/** No message gets into that queue (its name after the stage's) until the function that it answers is called. */
export function failSendingTo({ gate }: AwsHome, queue: string): () => void {
  return gate.fail(({ operation, request }) => {
    if (!operation.startsWith('sqs:SendMessage')) return false;
    return String(JSON.parse(request.body.toString()).QueueUrl).endsWith(`-${queue}`);
  });
}

/** Resolves once a message of that queue has at least these fields. */
export function untilLetter({ fauxqsEndpoint }: AwsHome, queue: string, fields: object): Promise<void> {
  return until(`${queue} has it`, async () => {
    const { bodies } = await contentsOf(fauxqsEndpoint, `evenkeel-${PLACE.stage}-${queue}`);
    return bodies.some((body) => expect.objectContaining({ ...fields }).asymmetricMatch(JSON.parse(body)));
  });
}

/**
 * Sends what lies in `orchestrator-dead` because `report-log` did not take it there again, as docs/operations.md says. The letters stay
 * where they are: what is told twice is counted once. Answers how many they were.
 */
export async function sendReportsAgain({ fauxqsEndpoint }: AwsHome): Promise<number> {
  const { bodies } = await contentsOf(fauxqsEndpoint, `evenkeel-${PLACE.stage}-orchestrator-dead`);
  const batches = bodies.filter((body) => expect.objectContaining(REPORTS).asymmetricMatch(JSON.parse(body)));
  const url = `${fauxqsEndpoint}/${PLACE.accountId}/evenkeel-${PLACE.stage}-report-log`;
  const client = new SQSClient({ ...ORACLE_SETTINGS, endpoint: fauxqsEndpoint });
  const { failed } = await new SqsQueue({ client, url }).send(batches.map((body) => ({ body })));
  client.destroy();
  expect(failed).toEqual([]);
  return batches.length;
}
