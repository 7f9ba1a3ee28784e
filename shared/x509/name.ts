import { der, oid, sequence, TAG } from './der.ts';

/** The DER of a distinguished name that is a common name only. */
export function nameOf(commonName: string): Buffer {
  const value = der(TAG.utf8String, Buffer.from(commonName));
  return sequence(der(TAG.set, sequence(oid('2.5.4.3'), value)));
}
