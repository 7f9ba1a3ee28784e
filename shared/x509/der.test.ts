import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { der, elementsOf, expectElements, integer, MalformedDerError, oid, TAG, time } from './der.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  test('is read as it was written, for any contents', () => {
    const contents = fc
      .uint8Array({ maxLength: 70_000, size: 'max' })
      .filter((bytes) => bytes.length < 65_536);
    fc.assert(
      fc.property(fc.array(contents, { maxLength: 3 }), (all) => {
        const written = Buffer.concat(all.map((bytes) => der(TAG.octetString, bytes)));
        expect(elementsOf(written).map((element) => hex(element.contents))).toEqual(all.map(hex));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['a length of its own end', '3080'],
    ['a length in more bytes than it needs', '30810161'],
    ['a length in two bytes that would go in one', `308200ff${'00'.repeat(255)}`],
    ['a length in four bytes', '3084000000010000'],
    ['less than its length', '300200'],
    ['no length', '30'],
    ['a tag of several bytes', '1f8100'],
  ])('is not read with %s', (_, bytes) => {
    expect(() => elementsOf(Buffer.from(bytes, 'hex'))).toThrow(MalformedDerError);
  });

  test('is not read as other elements than are there', () => {
    const bytes = Buffer.from('020100', 'hex');
    expect(() => expectElements(bytes, TAG.sequence)).toThrow(MalformedDerError);
    expect(() => expectElements(bytes, TAG.integer, TAG.integer)).toThrow(MalformedDerError);
    expect(expectElements(bytes, TAG.integer)[0].contents).toHaveLength(1);
  });

  test.each([
    ['00', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['0000ff', '020200ff'],
    ['0100', '02020100'],
  ])('writes the integer of bytes %s as %s', (bytes, written) => {
    expect(hex(integer(Buffer.from(bytes, 'hex')))).toBe(written);
  });

  test.each([
    ['2.5.4.3', '0603550403'],
    ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
    ['1.2.840.113549.1.1.11', '06092a864886f70d01010b'],
  ])('writes the object identifier %s as %s', (dotted, written) => {
    expect(hex(oid(dotted))).toBe(written);
  });

  test('writes times in two digits of a year until 2049, and in four after', () => {
    expect(Buffer.from(time(Date.UTC(2049, 11, 31, 23, 59, 59, 999))).toString()).toBe(
      '\x17\x0d491231235959Z',
    );
    expect(Buffer.from(time(Date.UTC(2050, 0, 1))).toString()).toBe('\x18\x0f20500101000000Z');
  });
});
