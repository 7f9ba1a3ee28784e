/** What was thrown as an error: itself, or one with its text, because anything at all can be thrown. */
export function faultOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
