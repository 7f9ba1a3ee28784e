import { type AuditLog, canonicalText, type SealContent, sha256Of } from '#shared/audit/seal.ts';
import type { ExamplesOf } from './api.ts';

const id = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E';
const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const decided = { id, atMs: 1_780_000_000_000, actor: 'operator:ada', tenant: 'acme' };

const paused = {
  ...decided,
  about: rollout,
  action: 'pause',
  reason: 'support reports flicker',
  before: { state: 'running', stage: 0 },
  after: { state: 'paused', stage: 0, reason: 'support reports flicker' },
};
const device = {
  tenant: 'acme',
  deviceId: 'cam-0017',
  product: 'cam',
  hardware: 'cam-rev-b',
  attributes: {},
  certificateId: 'b'.repeat(64),
  registeredAtMs: 1_770_000_000_000,
  decommissioned: false,
};
const tagged = {
  ...decided,
  about: 'acme:cam-0017',
  action: 'tag',
  before: { ...device, tags: [], entityVersion: 1 },
  after: { ...device, tags: ['lab'], entityVersion: 2 },
};
const released = {
  ...decided,
  about: 'acme:cam-0017',
  action: 'release-from-quarantine',
  reason: 'a copied image on the bench, now wiped',
  before: { quarantined: true },
  after: { quarantined: false },
};
const published = {
  ...decided,
  about: 'cam/2.1.0',
  action: 'release-published',
  before: { version: '2.1.0', sequence: 4, state: 'verified' },
  after: { version: '2.1.0', sequence: 4, state: 'published' },
};

/** What the log of an entry is asked for and answers, where these are the parameters. */
const logOf = <Params>(params: Params, entry: object) => ({
  request: { first: { params }, next: { params, query: { limit: '100', cursor: 'eyJ' } } },
  answer: {
    page: { entries: [{ text: canonicalText(entry) }], cursor: 'eyJ' },
    none: { entries: [] },
  },
});

const publicKeyPem = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';
/** What the chain over an entry is asked for and answers. */
const chainOf = (log: AuditLog, entry: { readonly id: string; readonly about: string }) => {
  const seal: SealContent = {
    v: 1,
    log,
    tenant: 'acme',
    number: 2,
    atMs: 1_780_000_020_000,
    previous: 'c'.repeat(64),
    entries: [{ id: entry.id, about: entry.about, sha256: sha256Of(canonicalText(entry)) }],
  };
  const text = canonicalText(seal);
  return {
    request: { first: {}, next: { query: { limit: '100', cursor: 'eyJ' } } },
    answer: {
      page: {
        seals: [{ text, keyId: 'a'.repeat(64), signature: 'MEUCIQ==' }],
        keys: [{ keyId: 'a'.repeat(64), publicKeyPem }],
        cursor: 'eyJ',
      },
      none: { seals: [], keys: [] },
      whose: { tenant: 'acme', seals: [], keys: [] },
    },
  };
};

/** Of device-registry. */
export const DEVICE_AUDIT_ROUTES: ExamplesOf<'listDeviceAudit' | 'listDeviceSeals'> = {
  listDeviceAudit: logOf({ deviceId: 'cam-0017' }, tagged),
  listDeviceSeals: chainOf('devices', tagged),
};

/** Of firmware-storage. */
export const PRODUCT_AUDIT_ROUTES: ExamplesOf<'listProductAudit' | 'listProductSeals'> = {
  listProductAudit: logOf({ product: 'cam' }, published),
  listProductSeals: chainOf('products', published),
};

/** Of rollout-orchestrator. */
export const ROLLOUT_AUDIT_ROUTES: ExamplesOf<
  'listRolloutAudit' | 'listRolloutSeals' | 'listQuarantineAudit'
> = {
  listRolloutAudit: logOf({ rollout }, paused),
  listRolloutSeals: chainOf('rollouts', paused),
  listQuarantineAudit: logOf({ deviceId: 'cam-0017' }, released),
};
