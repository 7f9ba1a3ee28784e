import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { EpochMs, Ulid } from '#shared/contracts/names.ts';
import { About, type AuditLog, type Seal, SealContent, sha256Of } from './seal.ts';

/** A decision is sealed within so long (invariant 11 of the rollouts). */
export const SEALED_WITHIN_MS = 60_000;

/** The audit log of one rollout, device or product, and what it is held against. */
export interface AuditToVerify {
  readonly log: AuditLog;
  /** A rollout's id, a thing, or a product: entries of its releases are in its log. */
  readonly about: string;
  /** The texts of all its entries. */
  readonly entries: readonly string[];
  /** All seals of its tenant in that log, in order. */
  readonly seals: readonly Seal[];
  /** Public keys (PEM) that may have sealed, by their id. */
  readonly keys: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/** What came of it: no fault means that the log is as it was sealed. */
export interface AuditVerdict {
  /** Seals whose signature and place in the chain hold. */
  readonly seals: number;
  /** When the last of them was made; absent where there is none. */
  readonly sealedAtMs?: number;
  /** Entries that a seal holds. */
  readonly sealed: number;
  /** Entries that are too new to be sealed. */
  readonly waiting: number;
  /** Sentences; an entry that was changed, removed, or not sealed in time, and a chain that does not hold. */
  readonly faults: readonly string[];
}

const Entry = z.object({ id: Ulid, about: About, atMs: EpochMs });

/**
 * Holds an audit log against its tenant's chain of seals. Finds entries that were changed, removed, added later or never sealed,
 * and seals that were changed, removed from the middle or signed by somebody else. Seals cut off from the end show by their
 * entries, which are then not sealed in time, unless these were removed with them.
 */
export function verifyAudit({ log, about, entries, seals, keys, nowMs }: AuditToVerify): AuditVerdict {
  const chain = verifyChain(log, seals, keys);
  const isOf = (name: string) => name === about || name.startsWith(`${about}/`);
  const faults = [...chain.faults];
  const sealedAs = new Map(
    chain.contents.flatMap((content) =>
      content.entries.filter((entry) => isOf(entry.about)).map(({ id, sha256 }) => [id, sha256]),
    ),
  );
  let sealed = 0;
  let waiting = 0;
  for (const text of entries) {
    const entry = readEntry(text);
    if (entry === undefined || !isOf(entry.about)) {
      faults.push(`an entry is not one of ${about}: ${text.slice(0, 80)}`);
      continue;
    }
    const digest = sealedAs.get(entry.id);
    sealedAs.delete(entry.id);
    if (digest === sha256Of(text)) sealed += 1;
    else if (digest !== undefined) faults.push(`entry ${entry.id} is not what was sealed`);
    else if (nowMs - entry.atMs <= SEALED_WITHIN_MS) waiting += 1;
    else faults.push(`entry ${entry.id} is ${Math.floor((nowMs - entry.atMs) / 1000)} s old and not sealed`);
  }
  for (const id of sealedAs.keys()) faults.push(`entry ${id} was sealed and is missing`);
  const sealedAtMs = chain.contents.at(-1)?.atMs;
  return {
    seals: chain.contents.length,
    ...(sealedAtMs !== undefined && { sealedAtMs }),
    sealed,
    waiting,
    faults,
  };
}

/** The contents of the seals that hold; from the first that does not, nothing of the chain does. */
function verifyChain(
  log: AuditLog,
  seals: readonly Seal[],
  keys: ReadonlyMap<string, string>,
): { readonly contents: readonly SealContent[]; readonly faults: readonly string[] } {
  const contents: SealContent[] = [];
  for (const [at, seal] of seals.entries()) {
    const fault = (what: string) => ({ contents, faults: [`seal ${at + 1} ${what}`] });
    const key = keys.get(seal.keyId);
    if (key === undefined)
      return fault(`was signed with the key ${seal.keyId}, which is none of those given`);
    if (!isSigned(seal, key)) return fault('does not carry the signature of its key');
    const content = readSeal(seal.text);
    if (content === undefined) return fault('cannot be read');
    const before = seals[at - 1];
    if (content.log !== log) return fault(`is one of the log of ${content.log}`);
    if (content.number !== at + 1) return fault(`says that it is number ${content.number}`);
    if (content.previous !== (before && sha256Of(before.text)))
      return fault('does not follow the one before it');
    if (content.tenant !== (contents[0] ?? content).tenant) return fault('is of another tenant');
    contents.push(content);
  }
  return { contents, faults: [] };
}

function isSigned({ text, signature }: Seal, publicKeyPem: string): boolean {
  return verify('sha256', Buffer.from(text), createPublicKey(publicKeyPem), Buffer.from(signature, 'base64'));
}

const readSeal = (text: string): SealContent | undefined => SealContent.safeParse(readJson(text)).data;
const readEntry = (text: string): z.infer<typeof Entry> | undefined => Entry.safeParse(readJson(text)).data;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
