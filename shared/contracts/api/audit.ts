import * as z from 'zod';
import { DeviceId, ProductName, Sha256, Tenant, Ulid } from '../names.ts';
import { defineRoute, Paging } from './route.ts';

/** A page of an audit log, oldest first. */
export const AuditPage = z.object({
  /** Each entry as JSON (id, about, atMs, actor, action, reason, before, after ...): the very text whose sha256 its seal holds. */
  entries: z.array(z.object({ text: z.string() })),
  cursor: z.string().optional(),
});

/** A page of a chain of seals, oldest first. */
export const SealsPage = z.object({
  /** Whose chain it must be: the caller's; a backend of before 29 November 2026 does not say. */
  tenant: Tenant.optional(),
  seals: z.array(
    z.object({
      /** What was signed, as JSON: log, number, sha256 of the seal before, and id and sha256 of each entry. */
      text: z.string(),
      keyId: Sha256,
      /** ECDSA on P-256 over the sha256 of the text, DER in base64. */
      signature: z.base64(),
    }),
  ),
  keys: z.array(z.object({ keyId: Sha256, publicKeyPem: z.string() })),
  cursor: z.string().optional(),
});

const query = z.strictObject(Paging);

/** Who decided what about a rollout. */
export const ListRolloutAudit = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/audit',
  summary: 'List who decided what about a rollout, oldest first, as it was written down',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  query,
  answer: AuditPage,
});

/** Who decided what about a device. */
export const ListDeviceAudit = defineRoute({
  method: 'GET',
  path: '/devices/{deviceId}/audit',
  summary: 'List who registered, tagged or decommissioned a device, oldest first, as it was written down',
  role: 'viewer',
  params: z.strictObject({ deviceId: DeviceId }),
  query,
  answer: AuditPage,
});

/** When a device came into quarantine, and who released it. */
export const ListQuarantineAudit = defineRoute({
  method: 'GET',
  path: '/devices/{deviceId}/quarantine/audit',
  summary:
    'List when a device came into quarantine and who released it, oldest first, as it was written down; sealed with the log of rollouts',
  role: 'viewer',
  params: z.strictObject({ deviceId: DeviceId }),
  query,
  answer: AuditPage,
});

/** Who decided what about a product, its keys and its releases. */
export const ListProductAudit = defineRoute({
  method: 'GET',
  path: '/products/{product}/audit',
  summary:
    'List who decided what about a product, its keys and its releases, oldest first, as it was written down',
  role: 'viewer',
  params: z.strictObject({ product: ProductName }),
  query,
  answer: AuditPage,
});

/** What the audit log of a tenant's rollouts is held against. */
export const ListRolloutSeals = defineRoute({
  method: 'GET',
  path: '/audit/seals/rollouts',
  summary:
    'List the chain of seals over the audit log of rollouts, oldest first, and the public keys that signed them',
  role: 'viewer',
  query,
  answer: SealsPage,
});

/** What the audit log of a tenant's devices is held against. */
export const ListDeviceSeals = defineRoute({
  method: 'GET',
  path: '/audit/seals/devices',
  summary:
    'List the chain of seals over the audit log of devices, oldest first, and the public keys that signed them',
  role: 'viewer',
  query,
  answer: SealsPage,
});

/** What the audit log of a tenant's products and releases is held against. */
export const ListProductSeals = defineRoute({
  method: 'GET',
  path: '/audit/seals/products',
  summary:
    'List the chain of seals over the audit log of products, oldest first, and the public keys that signed them',
  role: 'viewer',
  query,
  answer: SealsPage,
});
