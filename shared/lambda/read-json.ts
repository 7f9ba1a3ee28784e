import { RefusedError } from '#shared/errors/errors.ts';

/** Bytes that are no UTF-8 are refused, not patched: a patched text is not what was sent. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads bytes from outside as JSON in UTF-8; throws `RefusedError` of the field `whole`. */
export function readJson(bytes: Uint8Array, whole: string): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new RefusedError(whole, 'must be JSON in UTF-8');
  }
}

/**
 * Refuses a value with a text that is no Unicode (half a surrogate pair, which JSON can spell as an escape): no store takes
 * it, and whatever else is written with it would fail too. Throws `RefusedError` naming the field.
 */
export function refuseIllFormed(value: unknown, whole: string): void {
  // Without recursion: a request may nest as deep as it is long.
  const left: { readonly one: unknown; readonly path: readonly string[] }[] = [{ one: value, path: [] }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { one, path } = next;
    if (typeof one === 'string' && !one.isWellFormed()) throw illFormed(path, whole);
    if (typeof one !== 'object' || one === null) continue;
    for (const [key, inner] of Object.entries(one)) {
      if (!key.isWellFormed()) throw illFormed(path, whole);
      if (typeof inner === 'string' || typeof inner === 'object')
        left.push({ one: inner, path: [...path.slice(0, 9), key] });
    }
  }
}

function illFormed(path: readonly string[], whole: string): RefusedError {
  return new RefusedError(
    path.length === 0 ? whole : path.join('.').slice(0, 200),
    'must be well-formed Unicode',
  );
}
