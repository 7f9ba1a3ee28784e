import { errorCode } from '#shared/program/error-code.ts';

/** Whether they are so depends on the date. */
const DATED = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED']);

/**
 * Why the network did not do it, for whoever reads the log; `nowMs` is the wall clock, which is often what is wrong where a certificate seems
 * to be. Node has no words of its own where a name has several addresses and none of them answers.
 */
export function networkFault(error: Error, nowMs: number): string {
  const code = errorCode(error);
  const text = error.message || code || error.name;
  return DATED.has(code ?? '') ? `${text}: by the clock here it is ${new Date(nowMs).toISOString()}` : text;
}
