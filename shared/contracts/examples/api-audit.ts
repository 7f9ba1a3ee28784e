import { canonicalText, type SealContent, sha256Of } from '#shared/audit/seal.ts';
import type { ExamplesOf } from './api.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const entry = canonicalText({
  id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
  atMs: 1_780_000_000_000,
  actor: 'operator:ada',
  action: 'pause',
  tenant: 'acme',
  rollout,
  reason: 'support reports flicker',
  before: { state: 'running', stage: 0 },
  after: { state: 'paused', stage: 0, reason: 'support reports flicker' },
});
const seal: SealContent = {
  v: 1,
  tenant: 'acme',
  number: 2,
  atMs: 1_780_000_020_000,
  previous: 'c'.repeat(64),
  entries: [{ id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E', rollout, sha256: sha256Of(entry) }],
};
const publicKeyPem = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';

export const AUDIT_ROUTES: ExamplesOf<'listRolloutAudit' | 'listAuditSeals'> = {
  listRolloutAudit: {
    request: {
      first: { params: { rollout } },
      next: { params: { rollout }, query: { limit: '100', cursor: 'eyJ' } },
    },
    answer: { page: { entries: [{ text: entry }], cursor: 'eyJ' }, none: { entries: [] } },
  },
  listAuditSeals: {
    request: { first: {}, next: { query: { limit: '100', cursor: 'eyJ' } } },
    answer: {
      page: {
        seals: [{ text: canonicalText(seal), keyId: 'a'.repeat(64), signature: 'MEUCIQ==' }],
        keys: [{ keyId: 'a'.repeat(64), publicKeyPem }],
        cursor: 'eyJ',
      },
      none: { seals: [], keys: [] },
    },
  },
};
