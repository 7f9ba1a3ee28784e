import { expect, test } from '@jest/globals';
import { auditEntryOf } from '../actions/audit.ts';
import { auditText } from './audit.ts';

test('the audit log says what was excused', () => {
  const entry = {
    id: 'a',
    about: 'rollout#a',
    atMs: 0,
    actor: 'operator:bob',
    action: 'resume',
    reason: 'power cut',
  };
  const excuse = { devices: ['cam-1', 'cam-2'], reasons: ['battery'] };
  const text = auditText([{ ...entry, excuse }], 'rollout#a');
  expect(text).toContain('power cut; excused devices: cam-1, cam-2; excused reasons: battery');
});

test('the audit log tells of decisions that builds of before wrote down without what they are about', () => {
  const entry = auditEntryOf('{"id":"a","atMs":0,"actor":"operator:bob","action":"launch"}');
  expect(auditText([entry], 'rollout#a')).toContain('operator:bob  launch');
});
