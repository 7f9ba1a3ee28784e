import path from 'node:path';
import * as z from 'zod';
import { readServices } from '#host/serverless/read-services.ts';
import type { Trigger } from '#shared/lambda/lambda-function.ts';
import type { Kind } from '../kind.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const STAGE = 'test';

/**
 * Messages that functions send to functions of their service or another, one kind for each queue: what rules of IoT Core put into queues are
 * contracts with devices and with AWS.
 */
export async function messageKinds(): Promise<Kind[]> {
  const functions = readServices({ root: ROOT, stage: STAGE }).services.flatMap(({ folder, functions }) =>
    functions.map((one) => ({ service: path.basename(folder), ...one })),
  );
  const kinds = functions.map(async ({ service, handlerFile, events }): Promise<Kind[]> => {
    const queues = events.flatMap((event) => (event.kind === 'sqs' ? [event.queueName] : []));
    if (queues.length === 0) return [];
    const { handler } = await import(handlerFile);
    const { kind, contract, feed }: Trigger = handler.trigger;
    if (kind !== 'queue' || feed !== 'functions' || !(contract instanceof z.ZodType)) return [];
    return queues.map((queue) => {
      const name = queue.replace(`evenkeel-${STAGE}-`, '');
      return {
        name: `${service}/queue-${name}`,
        has: ({ where }) => where === `queue/${name}`,
        read: async (what) => contract.parse(what),
      };
    });
  });
  return (await Promise.all(kinds)).flat();
}
