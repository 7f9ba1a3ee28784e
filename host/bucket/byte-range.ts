/** What a Range header asks of `sizeBytes` bytes: a span (`to` is exclusive), nothing that can be satisfied, or all of it. */
export type ByteRange =
  | { readonly kind: 'part'; readonly from: number; readonly to: number }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'whole' };

const WHOLE: ByteRange = { kind: 'whole' };
const UNSATISFIABLE: ByteRange = { kind: 'unsatisfiable' };
const SINGLE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * Reads a Range header (RFC 9110, section 14.2) against an object of `sizeBytes`. Like S3 it serves a single range of
 * bytes; anything else, malformed or several ranges, is ignored as the RFC allows, and the whole is served.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return WHOLE;
  if (first === '') {
    const from = Math.max(sizeBytes - Number(last), 0);
    return from < sizeBytes ? { kind: 'part', from, to: sizeBytes } : UNSATISFIABLE;
  }
  const from = Number(first);
  const to = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < from) return WHOLE;
  return from < sizeBytes ? { kind: 'part', from, to } : UNSATISFIABLE;
}
