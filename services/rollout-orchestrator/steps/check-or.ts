import * as z from 'zod';
import { CheckRequest } from '#shared/contracts/device/check.ts';
import { ruleOf } from '#shared/errors/refusal-of.ts';

/**
 * What a queue carries that takes checks besides messages of its own. Each is read by the one contract that it claims to follow: what is
 * refused is then named by its field.
 */
export function checkOr<Message>(other: z.ZodType<Message>): z.ZodType<Message | CheckRequest> {
  return z.unknown().transform((message, context): Message | CheckRequest => {
    const isCheck = typeof message === 'object' && message !== null && 'components' in message;
    const read = isCheck ? CheckRequest.safeParse(message) : other.safeParse(message);
    if (read.success) return read.data;
    for (const issue of read.error.issues) {
      context.addIssue({ code: 'custom', path: issue.path, message: ruleOf(issue) });
    }
    return z.NEVER;
  });
}
