/** Characters that JSON leaves as they are in a text, and no queue takes (`limits/queue-limits.ts`). */
const NOT_TAKEN = /[\ufffe\uffff]/g;

/** A value as JSON that a queue takes whatever its texts hold, and that reads as any other JSON: for what devices or people have written. */
export const messageText = (value: unknown): string =>
  JSON.stringify(value).replace(NOT_TAKEN, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
