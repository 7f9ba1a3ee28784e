import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { planUpload, sizeOfPart } from './upload-plan.ts';

const sizes = fc.integer({ min: 1, max: 5 * 2 ** 40 });

test('the parts of a plan make up exactly the size, and S3 would take each of them', () => {
  fc.assert(
    fc.property(sizes, (sizeBytes) => {
      const { partSizeBytes, partCount } = planUpload(sizeBytes);
      const last = sizeOfPart({ sizeBytes, partSizeBytes }, partCount) ?? 0;
      expect((partCount - 1) * partSizeBytes + last).toBe(sizeBytes);
      expect(partCount).toBeLessThanOrEqual(10_000);
      expect(partSizeBytes).toBeGreaterThanOrEqual(5 * 2 ** 20);
      expect(partSizeBytes).toBeLessThanOrEqual(5 * 2 ** 30);
      expect(last).toBeGreaterThan(0);
    }),
  );
});

test('there is no part before the first and none after the last', () => {
  fc.assert(
    fc.property(sizes, (sizeBytes) => {
      const { partSizeBytes, partCount } = planUpload(sizeBytes);
      expect(sizeOfPart({ sizeBytes, partSizeBytes }, 0)).toBeUndefined();
      expect(sizeOfPart({ sizeBytes, partSizeBytes }, partCount + 1)).toBeUndefined();
    }),
  );
});
