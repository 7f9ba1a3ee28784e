import * as z from 'zod';

/** The contract of the messages that tests of the wrappers send. */
export const Example = z.object({
  v: z.literal(1),
  nonce: z.string().optional(),
  size: z.number().max(10),
  note: z.string().optional(),
});
