import { createHash } from 'node:crypto';
import type { Item } from '#shared/capabilities/table.ts';
import { type Verdict, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';

interface Sealed {
  readonly tenant: string;
  readonly number: number;
  readonly previous?: string;
  readonly entries: readonly { readonly id: string; readonly sha256: string }[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The last seal is at most a minute old (docs/reliability.md, invariant 11), and clocks of servers are two seconds off each way. */
const UNSEALED_MS = 65_000;

/**
 * Once nothing disturbs it any more, every audit entry of each service is under exactly one seal, as it is, but the latest, which wait for
 * theirs; and the seals of each tenant are one chain in each service.
 */
export function everythingSealed(known: Known): Verdict {
  const verdicts = [known.items, ...known.otherLogs].map((items) =>
    everythingSealedIn(items, known.clock.mostMs(known.nowMs, 0)),
  );
  return verdicts.find((one) => typeof one !== 'string') ?? verdicts.find((one) => one === 'holds') ?? 'pass';
}

function everythingSealedIn(items: ReadonlyMap<string, Item>, nowMs: number): Verdict {
  const digests = new Map<string, string>();
  const heads = new Map<string, { readonly number: number; readonly text: string }>();
  for (const [key, item] of inOrder(items, /^A#\S+ seal#/)) {
    const text = String(item.text);
    const seal: Sealed = JSON.parse(text);
    const head = heads.get(seal.tenant);
    if (!key.startsWith(`A#${seal.tenant} `)) return wrong(`${key} is a seal of ${seal.tenant}`);
    if (seal.number !== (head?.number ?? 0) + 1 || seal.previous !== (head && sha256(head.text)))
      return wrong(`seal ${seal.number} of ${seal.tenant} does not follow the one before it`);
    heads.set(seal.tenant, { number: seal.number, text });
    for (const { id, sha256: digest } of seal.entries) {
      if (digests.has(id)) return wrong(`audit entry ${id} is under two seals`);
      digests.set(id, digest);
    }
  }
  for (const [key, { pk: _pk, sk: _sk, seal: _seal, ...entry }] of inOrder(items, /^\S+ audit#/)) {
    const digest = digests.get(String(entry.id));
    const isWaiting = digest === undefined && nowMs - Number(entry.atMs) < UNSEALED_MS;
    if (!isWaiting && digest !== sha256(sorted(entry))) return wrong(`${key} is not sealed as it is`);
    digests.delete(String(entry.id));
  }
  for (const id of digests.keys()) return wrong(`audit entry ${id} was sealed and is gone`);
  return heads.size === 0 ? 'pass' : 'holds';
}

function inOrder(items: ReadonlyMap<string, Item>, of: RegExp): [string, Item][] {
  return [...items].filter(([key]) => of.test(key)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** JSON with every object's keys in order. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  const fields = names.map(
    (name) => `${JSON.stringify(name)}:${sorted((value as Record<string, unknown>)[name])}`,
  );
  return `{${fields.join(',')}}`;
}
