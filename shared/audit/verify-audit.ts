import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { isAhead } from '#shared/clock/ahead.ts';
import { EpochMs, Ulid } from '#shared/contracts/names.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { About, type AuditLog, type Seal, SealContent, sha256Of } from './seal.ts';

/** A decision is sealed within so long (invariant 11 of the rollouts). */
export const SEALED_WITHIN_MS = 60_000;

/** What is verified, and who may have sealed it. */
export interface AuditSubject {
  readonly log: AuditLog;
  /** A rollout's id, a thing, or a product: entries of its releases are in its log. */
  readonly about: string;
  /** Whose log it is, where that is known: tenants may call products alike, and one key seals for all. */
  readonly tenant?: string | undefined;
  /** Public keys (PEM) that may have sealed, by their id; asked when a seal is taken. */
  readonly keys: ReadonlyMap<string, string>;
}

/** The audit log of one rollout, device or product, and what it is held against. */
export interface AuditToVerify extends AuditSubject {
  /** The texts of all its entries. */
  readonly entries: readonly string[];
  /** All seals of its tenant in that log, in order. */
  readonly seals: readonly Seal[];
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
export function verifyAudit({ entries, seals, nowMs, ...subject }: AuditToVerify): AuditVerdict {
  const chain = new SealChain(subject);
  for (const seal of seals) chain.take(seal);
  return chain.verdictOn(entries, nowMs);
}

/**
 * A chain of seals as far as it was read, seal by seal: what it says about one rollout, device or product is kept, whatever its length. From
 * the first seal that does not hold on, nothing of the chain does.
 */
export class SealChain {
  readonly #subject: AuditSubject;
  /** What the entries' digests are, by their id. */
  readonly #sealedAs = new Map<string, string>();
  #seals = 0;
  #last: { readonly content: SealContent; readonly sha256: string } | undefined;
  #fault: string | undefined;

  constructor(subject: AuditSubject) {
    this.#subject = subject;
  }

  /** Takes the next seal of the chain. */
  take(seal: Seal): void {
    if (this.#fault !== undefined) return;
    const content = SealContent.safeParse(parseJson(seal.text)).data;
    const fault = this.#faultOf(seal, content);
    if (content === undefined || fault !== undefined) {
      this.#fault = `seal ${this.#seals + 1} ${fault}`;
      return;
    }
    this.#seals += 1;
    this.#last = { content, sha256: sha256Of(seal.text) };
    for (const { id, about, sha256 } of content.entries)
      if (this.#isOf(about)) this.#sealedAs.set(id, sha256);
  }

  /** Holds the texts of all entries against what was taken. */
  verdictOn(entries: readonly string[], nowMs: number): AuditVerdict {
    const faults = this.#fault === undefined ? [] : [this.#fault];
    const missing = new Map(this.#sealedAs);
    let sealed = 0;
    let waiting = 0;
    for (const text of entries) {
      const entry = Entry.safeParse(parseJson(text)).data;
      if (entry === undefined || !this.#isOf(entry.about)) {
        faults.push(`an entry is not one of ${this.#subject.about}: ${text.slice(0, 80)}`);
        continue;
      }
      const digest = missing.get(entry.id);
      missing.delete(entry.id);
      if (digest === sha256Of(text)) sealed += 1;
      else if (digest !== undefined) faults.push(`entry ${entry.id} is not what was sealed`);
      else if (isAhead(entry.atMs, nowMs))
        faults.push(
          `entry ${entry.id} is dated ${Math.floor((entry.atMs - nowMs) / 1000)} s ahead and not sealed`,
        );
      else if (nowMs - entry.atMs <= SEALED_WITHIN_MS) waiting += 1;
      else
        faults.push(`entry ${entry.id} is ${Math.floor((nowMs - entry.atMs) / 1000)} s old and not sealed`);
    }
    for (const id of missing.keys()) faults.push(`entry ${id} was sealed and is missing`);
    const sealedAtMs = this.#last?.content.atMs;
    return {
      seals: this.#seals,
      ...(sealedAtMs !== undefined && { sealedAtMs }),
      sealed,
      waiting,
      faults,
    };
  }

  #isOf(about: string): boolean {
    return about === this.#subject.about || about.startsWith(`${this.#subject.about}/`);
  }

  #faultOf(seal: Seal, content: SealContent | undefined): string | undefined {
    const { keys, log } = this.#subject;
    const key = keys.get(seal.keyId);
    if (key === undefined) return `was signed with the key ${seal.keyId}, which is none of those given`;
    if (!isSigned(seal, key)) return 'does not carry the signature of its key';
    if (content === undefined) return 'cannot be read';
    if (content.log !== log) return `is one of the log of ${content.log}`;
    if (content.number !== this.#seals + 1) return `says that it is number ${content.number}`;
    if (content.previous !== this.#last?.sha256) return 'does not follow the one before it';
    const { tenant = (this.#last?.content ?? content).tenant } = this.#subject;
    if (content.tenant !== tenant) return 'is of another tenant';
    return undefined;
  }
}

function isSigned({ text, signature }: Seal, publicKeyPem: string): boolean {
  return verify('sha256', Buffer.from(text), createPublicKey(publicKeyPem), Buffer.from(signature, 'base64'));
}
