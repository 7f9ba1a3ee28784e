import { SqlFaultError } from './sql-errors.ts';
import type { JsonValue } from './values.ts';

/** Deeper payloads could exhaust the stack of whoever writes the output as JSON again. */
const MAX_DEPTH = 64;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a payload as JSON; throws `SqlFaultError` when it is none, or too deep. */
export function readDocument(payload: Uint8Array): JsonValue {
  let text: string;
  let document: JsonValue;
  try {
    text = UTF8.decode(payload);
    document = JSON.parse(text);
  } catch (cause) {
    throw new SqlFaultError('the payload is not JSON', { cause });
  }
  if (depthOf(text) > MAX_DEPTH) throw new SqlFaultError(`the payload is more than ${MAX_DEPTH} levels deep`);
  return document;
}

/** How deep valid JSON is nested, without walking down into it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}
