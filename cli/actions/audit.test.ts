import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { canonicalText, type Seal, type SealContent, sealKeyId, sha256Of } from '#shared/audit/seal.ts';
import { verifiedAudit } from './audit.ts';
import type { AuditSource } from './audit-sources.ts';

const NOW_MS = 1_780_000_000_000;
const ABOUT = 'acme:cam-0017';
const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const publicKeyPem = createPublicKey(pair.privateKey).export({ type: 'spki', format: 'pem' }).toString();
const keyId = sealKeyId(publicKeyPem);
const ulid = (serial: number) => `01JD4Z6Q7R8S9T0V1W${String(serial).padStart(8, '0')}`;
const textOf = (serial: number) =>
  canonicalText({ id: ulid(serial), about: ABOUT, atMs: NOW_MS - 3_600_000 });

/** A chain of so many seals, each over one entry of the device. */
function chainOf(count: number): Seal[] {
  const seals: Seal[] = [];
  for (let number = 1; number <= count; number += 1) {
    const before = seals.at(-1);
    const content: SealContent = {
      v: 1,
      log: 'devices',
      tenant: 'acme',
      number,
      atMs: NOW_MS,
      ...(before && { previous: sha256Of(before.text) }),
      entries: [{ id: ulid(number), about: ABOUT, sha256: sha256Of(textOf(number)) }],
    };
    const text = canonicalText(content);
    seals.push({
      text,
      keyId,
      signature: sign('sha256', Buffer.from(text), pair.privateKey).toString('base64'),
    });
  }
  return seals;
}

/** A device's log over these seals, as an API tells it, in pages. */
function sourceOf(seals: readonly Seal[]): AuditSource {
  const pageAt = <T>(all: readonly T[], { limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    const to = Number(cursor) + limit;
    return { items: all.slice(Number(cursor), to), ...(to < all.length && { cursor: String(to) }) };
  };
  const texts = seals.map((_, at) => ({ text: textOf(at + 1) }));
  return {
    log: 'devices',
    about: ABOUT,
    entries: async (query) => {
      const { items, ...rest } = pageAt(texts, query);
      return { entries: items, ...rest };
    },
    seals: async (query) => {
      const { items, ...rest } = pageAt(seals, query);
      return { seals: items, keys: [{ keyId, publicKeyPem }], ...rest };
    },
  };
}

test('a chain of many pages is read to its end, and says how far it is', async () => {
  const heard: number[] = [];
  const { texts, verdict } = await verifiedAudit(sourceOf(chainOf(250)), [], NOW_MS, (count) =>
    heard.push(count),
  );
  expect(texts).toHaveLength(250);
  expect(verdict).toMatchObject({ seals: 250, sealed: 250, faults: [] });
  expect(heard).toEqual([100, 200, 250]);
});

test('a seal that is missing on a later page is found', async () => {
  const seals = chainOf(250);
  const { verdict } = await verifiedAudit(sourceOf(seals.toSpliced(180, 1)), [publicKeyPem], NOW_MS);
  expect(verdict.faults[0]).toBe('seal 181 says that it is number 182');
});

test('a backend that names more seals and never gives any is not asked for ever', async () => {
  const source: AuditSource = {
    ...sourceOf([]),
    seals: async () => ({ seals: [], keys: [], cursor: 'again' }),
  };
  await expect(verifiedAudit(source, [], NOW_MS)).rejects.toThrow('there are more seals, and gives none');
});
