import { expect, test } from '@jest/globals';
import { runningRollout } from '../testing/running-rollout.ts';
import { documentPreview, preview } from './rollout-preview.ts';

const view = runningRollout();

test('says before its launch within what time devices have to check, where permits are direct', () => {
  const document = { permits: 'direct', permitFor: '10m', halt: { silentAfter: '30m' } };
  for (const print of [preview, documentPreview]) {
    expect(print({ ...view, document })).toContain(
      'check within  permitFor and halt.silentAfter together (10m and 30m), or a lost answer counts as silence\n',
    );
    expect(print({ ...view, document: { ...document, permits: 'asked' } })).not.toContain('check within');
  }
});
