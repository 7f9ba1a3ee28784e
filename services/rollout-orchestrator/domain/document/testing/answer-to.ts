import { RefusedError } from '#shared/errors/errors.ts';
import { parseDocument } from '../parse-document.ts';

/** The least that a document must say. */
export const least = { release: 'cam/2.1.0', selector: 'all', stages: [{ name: 'all', percent: 100 }] };

/** `field: rule` of the refusal, or `accepted`. */
export function answerTo(input: unknown): string {
  try {
    parseDocument(input);
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'accepted';
}
