import { EvenkeelError } from '#shared/errors/errors.ts';

/** Tags of ASN.1 that certificates and signing requests are made of (X.690). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** Bytes are not DER, or not the DER that was looked for. */
export class MalformedDerError extends EvenkeelError {
  constructor(message: string) {
    super('malformed-der', message);
  }
}

/** One element: its tag, what is in it, and the whole of it. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  readonly whole: Uint8Array;
}

/** Reads elements that stand one after the other and fill `bytes` exactly. Throws `MalformedDerError`. */
export function elementsOf(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** As `elementsOf`, for exactly the elements with these tags. */
export function expectElements<const Tags extends readonly number[]>(
  bytes: Uint8Array,
  ...tags: Tags
): { readonly [At in keyof Tags]: DerElement } {
  const elements = elementsOf(bytes);
  if (elements.length !== tags.length || elements.some(({ tag }, at) => tag !== tags[at])) {
    throw new MalformedDerError('other elements than expected');
  }
  // One element for each tag, as the line above has seen to.
  return elements as unknown as { readonly [At in keyof Tags]: DerElement };
}

/** The bytes of a bit string that is a whole number of bytes long. */
export function bytesOfBits({ contents }: DerElement): Uint8Array {
  if (contents[0] !== 0) throw new MalformedDerError('a bit string of whole bytes was expected');
  return contents.subarray(1);
}

/** Lengths are definite, at most two bytes long (nothing here is larger than 64 KiB) and minimal, as DER asks (X.690, 10.1). */
function elementAt(bytes: Uint8Array, at: number): DerElement {
  const [tag = 0, first = 0x80, second = 0, third = 0] = bytes.subarray(at, at + 4);
  if ((tag & 0x1f) === 0x1f) throw new MalformedDerError('a tag of more than one byte');
  const [headBytes, length, least] =
    first < 0x80
      ? [2, first, 0]
      : first === 0x81
        ? [3, second, 0x80]
        : first === 0x82
          ? [4, second * 256 + third, 0x100]
          : [0, -1, 0];
  const end = at + headBytes + length;
  if (length < least || end > bytes.length) throw new MalformedDerError('a length that does not fit');
  return { tag, contents: bytes.subarray(at + headBytes, end), whole: bytes.subarray(at, end) };
}

/** One element with `tag` around `contents`. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from(head), ...contents]);
}

/** A SEQUENCE of encoded elements (X.690, 8.9). */
export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...contents);

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  // A leading bit would make it negative.
  const sign = (significant[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : [];
  return der(TAG.integer, ...sign, significant);
}

/** An object identifier, written `1.2.840...` (X.690, 8.19). */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f];
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** A BIT STRING, of which the last bits may be unused (X.690, 8.6). */
export const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer =>
  der(TAG.bitString, Uint8Array.of(unusedBits), bytes);

/** An OCTET STRING (X.690, 8.7). */
export const octetString = (bytes: Uint8Array): Buffer => der(TAG.octetString, bytes);

/** A context tag of a constructed element, such as `[3]`. */
export const tagged = (number: number, ...contents: readonly Uint8Array[]): Buffer =>
  der(0xa0 + number, ...contents);

/** A moment, to the second: UTCTime up to the year 2049, GeneralizedTime after (RFC 5280, section 4.1.2.5). */
export function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/\.\d+|[-:T]/g, '');
  return text < '2050'
    ? der(TAG.utcTime, Buffer.from(text.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(text));
}
