import { expect } from '@jest/globals';
import { contentsOf } from '../account/queue-inspection.ts';
import type { AwsHome } from '../aws-home.ts';
import { PLACE } from '../stacks/place.ts';
import { until } from './until.ts';

/**
 * No message gets into that queue (its name after the stage's) until the function that it answers is called, but those in which the
 * text `unless` stands.
 */
export function failSendingTo({ gate }: AwsHome, queue: string, unless?: string): () => void {
  return gate.fail(({ operation, request }) => {
    if (!operation.startsWith('sqs:SendMessage')) return false;
    const text = request.body.toString();
    if (unless !== undefined && text.includes(unless)) return false;
    return String(JSON.parse(text).QueueUrl).endsWith(`-${queue}`);
  });
}

/** Resolves once a message of that queue has at least these fields. */
export function untilLetter({ fauxqsEndpoint }: AwsHome, queue: string, fields: object): Promise<void> {
  return until(`${queue} has it`, async () => {
    const { bodies } = await contentsOf(fauxqsEndpoint, `evenkeel-${PLACE.stage}-${queue}`);
    return bodies.some((body) => expect.objectContaining({ ...fields }).asymmetricMatch(JSON.parse(body)));
  });
}
