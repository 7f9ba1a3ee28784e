import { expect, test } from '@jest/globals';
import { judgeUpload } from './judge-upload.ts';

const SIGNED = { hardware: 'cam-rev-b', sha256: 'b'.repeat(64), sizeBytes: 22, state: 'verifying' } as const;

test('bytes whose digest was signed with another size are rejected: the manifest contradicts itself', () => {
  const bytes = { isWhole: true, sha256: SIGNED.sha256, sizeBytes: 21 } as const;
  expect(judgeUpload(SIGNED, [SIGNED], bytes)).toEqual({
    outcome: 'rejected',
    field: 'artifacts.0.sizeBytes',
    rule: 'must be 22 as signed for cam-rev-b, but the upload has 21',
  });
  expect(judgeUpload(SIGNED, [SIGNED], { ...bytes, sizeBytes: 22 })).toEqual({ outcome: 'verified' });
});
