import * as z from 'zod';
import { EvenkeelError } from '#shared/errors/errors.ts';

/** What `read` reads, or by what name and with which words it refuses; throws what is no refusal. */
export async function readable(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof z.ZodError) return { refused: error.issues.map(({ path }) => path.join('.')) };
    if (error instanceof EvenkeelError) return { refused: error.code, because: error.message };
    throw error;
  }
}
