import { describe, expect, test } from '@jest/globals';
import { memberOf } from './is-member.ts';
import { deviceFacts } from './testing/builders.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const other = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E';
const isMember = memberOf({
  rollout,
  product: 'cam',
  selector: 'version < "2.1.0" and not tag("lab")',
  hardware: new Set(['cam-rev-b']),
});
const updated = { running: { version: '2.1.0', sequence: 7 }, floor: 7 };
const openIn = (name: string) => ({ open: { rollout: name, attempt: 'a', sinceMs: 0 } });

describe('a member of a rollout', () => {
  test('matches its selector as it was last seen', () => {
    expect(isMember(deviceFacts())).toBe(true);
    expect(isMember(deviceFacts(updated))).toBe(false);
    expect(isMember(deviceFacts({ tags: ['lab'] }))).toBe(false);
    expect(isMember(deviceFacts({ product: 'lamp' }))).toBe(false);
    expect(isMember(deviceFacts({ hardware: 'cam-rev-a' }))).toBe(false);
    expect(isMember(deviceFacts({ decommissioned: true }))).toBe(false);
  });

  test.each([
    ['was updated', updated],
    ['was tagged', { tags: ['lab'] }],
    ['was registered for another product', { product: 'lamp' }],
    ['was registered for hardware that the release has no artifact for', { hardware: 'cam-rev-a' }],
    ['was decommissioned', { decommissioned: true }],
  ])('stays one that takes part and %s', (_what, change) => {
    expect(isMember(deviceFacts({ ...change, ...openIn(rollout) }))).toBe(true);
    expect(isMember(deviceFacts({ ...change, tried: { [rollout]: 1 } }))).toBe(true);
    expect(isMember(deviceFacts({ ...change, ...openIn(other), tried: { [other]: 1 } }))).toBe(false);
  });

  // One that was in quarantine keeps its place whatever its attempt came to: fewer members than places would leave somebody out.
  test('stays one whose attempt came to nothing', () => {
    expect(isMember(deviceFacts({ decommissioned: true, tried: { [rollout]: 0 } }))).toBe(true);
  });
});
