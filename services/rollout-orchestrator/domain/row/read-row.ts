import * as z from 'zod';
import { UnreadableRowError } from './attributes.ts';

/** A row that is read seldom, by its schema; throws `UnreadableRowError` with its name. */
export function readRow<Row>(
  name: string,
  schema: z.ZodType<Row>,
  item: Readonly<Record<string, unknown>>,
): Row {
  const read = schema.safeParse(item);
  if (read.success) return read.data;
  throw new UnreadableRowError(`${name}: ${z.prettifyError(read.error)}`, { cause: read.error });
}
