import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readUploadKey, uploadKey } from './object-keys.ts';

const target = fc.record({
  tenant: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  product: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
  version: fc.stringMatching(
    /^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})\.0(-[a-z][a-z-]{0,8})?(\+[a-zA-Z0-9-]{1,8}(\.[a-z0-9]{1,4})?)?$/,
  ),
  hardware: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,31}$/),
});

describe('the key of an upload', () => {
  test('names its artifact, and no other has the same', () => {
    fc.assert(fc.property(target, (one) => expect(readUploadKey(uploadKey(one))).toEqual(one)));
  });

  test('is one that the bucket takes', () => {
    fc.assert(fc.property(target, (one) => expect(uploadKey(one)).toMatch(/^[A-Za-z0-9!_.*'()/=-]{1,512}$/)));
  });

  test('is read from no other text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(readUploadKey(`uploads/${text}`)).toBeUndefined()));
  });

  test.each([
    'uploads/acme/cam/2.1.0+b/cam-rev-b',
    'uploads/acme/cam/2.1.0',
    'artifacts/acme/cam/2.1.0/cam-rev-b',
    'uploads/acme/cam/2.1.0/cam-rev-b/x',
    'uploads/acme/../2.1.0/cam-rev-b',
  ])('is not %s', (key) => {
    expect(readUploadKey(key)).toBeUndefined();
  });
});
