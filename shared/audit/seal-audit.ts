import * as z from 'zod';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { Tenant, Ulid } from '#shared/contracts/names.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { type AuditEntry, isAuditKey, readAuditEntry } from './audit-entry.ts';
import {
  About,
  type AuditLog,
  canonicalText,
  ENTRIES_PER_SEAL,
  type SealContent,
  sealKeyId,
  sha256Of,
} from './seal.ts';
import type { SealStore } from './seal-store.ts';

/** What it takes to seal: the log in the service's own table, and the key that signs. */
interface SealNeeds {
  readonly seals: SealStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a seal must know of an entry; the rest is a text to it. */
const Named = z.object({ id: Ulid, about: About, tenant: Tenant });
/** The key that sealed last. There is one in a home, and to work out its id takes OpenSSL longer than all else of a seal. */
let lastKey = { publicKeyPem: '', keyId: '' };

function keyIdOf(publicKeyPem: string): string {
  if (lastKey.publicKeyPem !== publicKeyPem) lastKey = { publicKeyPem, keyId: sealKeyId(publicKeyPem) };
  return lastKey.keyId;
}

/** How often a seal is made anew because somebody else has sealed for the same tenant meanwhile. */
const ROUNDS = 8;

/**
 * Steps that put the audit entries among these changes under the next seal of their tenants' chains in that log, each entry under one seal
 * however often its change is delivered. They throw `ConflictError` when others keep sealing for the same tenant: all come again, and
 * what is sealed stays so.
 */
export function sealAudit(log: AuditLog) {
  return async (
    changes: readonly Change[],
    needs: SealNeeds,
    call: Pick<Call, 'concerns' | 'count' | 'log'>,
  ): Promise<undefined> => {
    const written = changes.flatMap((change) => entryOf(change, call) ?? []);
    // What a rollout's decisions cost is counted with it; the others are nobody's update.
    if (log === 'rollouts')
      for (const { about } of written) if (Ulid.safeParse(about).success) call.concerns('control', about);
    for (const [tenant, own] of Map.groupBy(written, (entry) => entry.tenant)) {
      for (let at = 0; at < own.length; at += ENTRIES_PER_SEAL) {
        await seal({ log, tenant }, own.slice(at, at + ENTRIES_PER_SEAL), needs, call);
      }
    }
  };
}

function entryOf({ keys, before, after }: Change, call: Pick<Call, 'count' | 'log'>): AuditEntry | undefined {
  if (before !== undefined || after === undefined || !isAuditKey(keys)) return undefined;
  if (Named.safeParse(after).success) return readAuditEntry(after);
  // Whoever verifies finds it unsealed; to stop here would leave the decisions of all others unsealed as well.
  call.count('AuditEntryUnreadable');
  call.log.error('an audit entry does not say whose it is', { ...keys });
  return undefined;
}

async function seal(
  { log, tenant }: { readonly log: AuditLog; readonly tenant: string },
  entries: readonly AuditEntry[],
  needs: SealNeeds,
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
      log,
      tenant,
      number,
      atMs: clock.now(),
      ...(head && { previous: sha256Of(head.text) }),
      entries: open.map(({ id, about, text }) => ({ id, about, sha256: sha256Of(text) })),
    };
    const text = canonicalText(content);
    const publicKeyPem = await signer.publicKeyPem();
    const keyId = keyIdOf(publicKeyPem);
    const signature = Buffer.from(await signer.sign(Buffer.from(text))).toString('base64');
    // Before the first seal that it signs: nobody may find one whose key is not there.
    await seals.keepKey({ keyId, publicKeyPem }, content.atMs);
    const token = ids.next();
    const isWritten = await tryAgain(needs, () =>
      seals.append(tenant, number, { text, keyId, signature }, open, token),
    );
    if (!isWritten) continue;
    // A second witness: who removes seals from the end of the chain has to remove them from the log as well.
    call.log.info('sealed', { log, tenant, number, sha256: sha256Of(text), entries: open.length });
    return;
  }
  throw new ConflictError(`the audit log of ${log} of ${tenant} is being sealed by others`);
}
