import * as z from 'zod';
import { Sha256, Ulid } from '../names.ts';
import { defineRoute, Paging } from './route.ts';

/** Who decided what about a rollout. */
export const ListRolloutAudit = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/audit',
  summary: 'List who decided what about a rollout, oldest first, as it was written down',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  query: z.strictObject(Paging),
  answer: z.object({
    /** Each entry as JSON (id, atMs, actor, action, reason, before, after ...): the very text whose sha256 its seal holds. */
    entries: z.array(z.object({ text: z.string() })),
    cursor: z.string().optional(),
  }),
});

/** What the audit log of a tenant is held against. */
export const ListAuditSeals = defineRoute({
  method: 'GET',
  path: '/audit/seals',
  summary: 'List the chain of seals over the audit log, oldest first, and the public keys that signed them',
  role: 'viewer',
  query: z.strictObject(Paging),
  answer: z.object({
    seals: z.array(
      z.object({
        /** What was signed, as JSON: number, sha256 of the seal before, and id and sha256 of each entry. */
        text: z.string(),
        keyId: Sha256,
        /** ECDSA on P-256 over the sha256 of the text, DER in base64. */
        signature: z.base64(),
      }),
    ),
    keys: z.array(z.object({ keyId: Sha256, publicKeyPem: z.string() })),
    cursor: z.string().optional(),
  }),
});
