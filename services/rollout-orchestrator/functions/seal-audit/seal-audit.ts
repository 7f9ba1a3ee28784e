import * as z from 'zod';
import {
  canonicalText,
  ENTRIES_PER_SEAL,
  type SealContent,
  sealKeyId,
  sha256Of,
} from '#shared/audit/seal.ts';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { Tenant, Ulid } from '#shared/contracts/names.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import { tryAgain } from '../../steps/try-again.ts';
import { type AuditEntry, readAuditEntry, type SealStore } from '../../stores/seal-store.ts';

interface Needs {
  readonly seals: SealStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a seal must know of an entry; the rest is a text to it. */
const Named = z.object({ id: Ulid, rollout: Ulid, tenant: Tenant });
/** How often a seal is made anew because somebody else has sealed for the same tenant meanwhile. */
const ROUNDS = 8;

/**
 * Puts the audit entries among these changes under the next seal of their tenants, each entry under one seal however often its change
 * is delivered. Throws `ConflictError` when others keep sealing for the same tenant: all come again, and what is sealed stays so.
 */
export async function sealAudit(
  changes: readonly Change[],
  needs: Needs,
  call: Pick<Call, 'concerns' | 'count' | 'log'>,
): Promise<undefined> {
  const written = changes.flatMap(({ keys, before, after }) => {
    if (before !== undefined || after === undefined || !keys.sk.startsWith('audit#')) return [];
    const entry = readAuditEntry(after);
    if (Named.safeParse(entry).success) return [entry];
    // Whoever verifies finds it unsealed; to stop here would leave the decisions of all others unsealed as well.
    call.count('AuditEntryUnreadable');
    call.log.error('an audit entry does not say whose it is', { ...keys });
    return [];
  });
  for (const { rollout } of written) call.concerns('control', rollout);
  for (const [tenant, own] of Map.groupBy(written, (entry) => entry.tenant)) {
    for (let at = 0; at < own.length; at += ENTRIES_PER_SEAL) {
      await seal(tenant, own.slice(at, at + ENTRIES_PER_SEAL), needs, call);
    }
  }
}

async function seal(
  tenant: string,
  entries: readonly AuditEntry[],
  needs: Needs,
  call: Pick<Call, 'log'>,
): Promise<void> {
  const { seals, signer, clock, ids } = needs;
  for (let round = 0; round < ROUNDS; round += 1) {
    const open = await seals.unsealed(entries);
    if (open.length === 0) return;
    const head = await seals.head(tenant);
    const number = (head?.number ?? 0) + 1;
    const content: SealContent = {
      v: 1,
      tenant,
      number,
      atMs: clock.now(),
      ...(head && { previous: sha256Of(head.text) }),
      entries: open.map(({ id, rollout, text }) => ({ id, rollout, sha256: sha256Of(text) })),
    };
    const text = canonicalText(content);
    const publicKeyPem = await signer.publicKeyPem();
    const keyId = sealKeyId(publicKeyPem);
    const signature = Buffer.from(await signer.sign(Buffer.from(text))).toString('base64');
    // Before the first seal that it signs: nobody may find one whose key is not there.
    await seals.keepKey({ keyId, publicKeyPem }, content.atMs);
    const token = ids.next();
    const isWritten = await tryAgain(needs, () =>
      seals.append(tenant, number, { text, keyId, signature }, open, token),
    );
    if (!isWritten) continue;
    // A second witness: who removes seals from the end of the chain has to remove them from the log as well.
    call.log.info('sealed', { tenant, number, sha256: sha256Of(text), entries: open.length });
    return;
  }
  throw new ConflictError(`the audit log of ${tenant} is being sealed by others`);
}
