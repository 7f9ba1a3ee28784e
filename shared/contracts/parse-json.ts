/**
 * What a text says as JSON; `undefined`, which JSON cannot say, where it is none. For texts whose schema refuses `undefined`
 * in the caller's own words; a request that is refused as such is read by `readJson` of `shared/lambda`.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
