import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import { RefusedError } from '#shared/errors/errors.ts';

/** Largest document that is read, in bytes of UTF-8. */
const MAX_DOCUMENT_BYTES = 65_536;
/** Deepest nesting; a document needs four levels. */
const MAX_DEPTH = 8;
/** Most values in all; the largest document that the fields allow has a few hundred. */
const MAX_VALUES = 2000;

/**
 * Values of a document's text: YAML 1.2 core schema, of which JSON is a part. Dates stay texts, tags and repeated keys are
 * refused. Throws `RefusedError` on `document`.
 */
export function readDocumentText(text: string): unknown {
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new RefusedError('document', `must be at most ${MAX_DOCUMENT_BYTES} bytes long`);
  }
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // Its types promise a mark, but a second document in the text is refused without one.
    const mark = error.mark as typeof error.mark | undefined;
    const where = mark === undefined ? '' : `line ${mark.line + 1}: `;
    throw new RefusedError('document', `${where}${error.reason}`.slice(0, 300));
  }
}

/**
 * Refuses values that would cost more to look at than a document can be worth: nested too deep, too many, or the same value
 * in two places (a YAML alias), which a few hundred bytes can blow up to billions. Throws `RefusedError` on `document`.
 */
export function refuseExplosive(document: unknown): void {
  const seen = new Set<object>();
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    values += 1;
    if (values > MAX_VALUES) throw new RefusedError('document', `must hold at most ${MAX_VALUES} values`);
    if (typeof value !== 'object' || value === null) return;
    if (depth > MAX_DEPTH) throw new RefusedError('document', `must be nested at most ${MAX_DEPTH} deep`);
    if (seen.has(value)) throw new RefusedError('document', 'must not use YAML aliases');
    seen.add(value);
    for (const part of Object.values(value)) visit(part, depth + 1);
  };
  visit(document, 1);
}
