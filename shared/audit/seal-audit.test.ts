import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type OpenStore, openStore } from '#host/testing/open-store.ts';
import { strictTable } from '#host/testing/strict-table.ts';
import type { Change, Item, Table } from '#shared/capabilities/table.ts';
import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import { auditKeyIn, readAuditEntry } from './audit-entry.ts';
import type { AuditLog, SealContent } from './seal.ts';
import { sealAudit } from './seal-audit.ts';
import { SealStore } from './seal-store.ts';
import { verifyAudit } from './verify-audit.ts';

const NOW_MS = 1_780_000_000_000;
const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const signer = {
  sign: async (message: Uint8Array) => sign('sha256', message, pair.privateKey),
  publicKeyPem: async () => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const ulid = (serial: number) => `01JD4Z6Q7R8S9T0V1W${String(serial).padStart(8, '0')}`;

/** What each log has entries about, and in which partition they lie. */
const SUBJECTS: Readonly<
  Record<AuditLog, (tenant: string, which: number) => { about: string; partition: string }>
> = {
  rollouts: (_tenant, which) => ({ about: ulid(which), partition: `R#${ulid(which)}` }),
  devices: (tenant, which) => ({ about: `${tenant}:cam-${which}`, partition: `D#${tenant}:cam-${which}` }),
  products: (tenant, which) => ({
    about: `cam${which >> 1}${which % 2 ? '/2.1.0' : ''}`,
    partition: `P#${tenant}#cam${which >> 1}`,
  }),
};

interface Decided {
  readonly tenant: string;
  readonly which: number;
}

function itemOf(log: AuditLog, { tenant, which }: Decided, at: number): Item {
  const { about, partition } = SUBJECTS[log](tenant, which);
  const id = ulid(1000 + at);
  return {
    ...auditKeyIn(partition, id),
    id,
    about,
    tenant,
    atMs: NOW_MS,
    actor: 'operator:ada',
    action: 'tag',
  };
}

const insertOf = (after: Item): Change => ({ keys: { pk: String(after.pk), sk: String(after.sk) }, after });

/** A table of which now and then an answer to a transaction is lost, after it was written or before. */
function lossy(table: Table, happens: () => boolean): Table {
  return {
    ...table,
    transact: async (writes, options) => {
      const isLost = happens();
      if (isLost && happens()) throw new UnknownOutcomeError('nothing was heard');
      const result = await table.transact(writes, options);
      if (isLost) throw new UnknownOutcomeError('the answer was lost');
      return result;
    },
  };
}

describe('sealing', () => {
  let opened: OpenStore;
  let counted: string[];
  let concerned: string[];
  beforeEach(() => {
    opened = openStore();
    counted = [];
    concerned = [];
  });
  afterEach(() => opened.close());

  let serial = 0;
  const sealing = (log: AuditLog, table: Table) => {
    const needs = {
      seals: new SealStore(table),
      signer,
      clock: { now: () => NOW_MS, pause: () => new Promise<void>((resolve) => setImmediate(resolve)) },
      ids: { next: () => ulid(++serial), random: () => opened.world.random() },
    };
    const quiet = { info: () => undefined, error: () => undefined };
    const call = {
      concerns: (_step: string, rollout?: string) => void concerned.push(String(rollout)),
      count: (metric: string) => void counted.push(metric),
      // Nothing else of a logger is used by these steps.
      log: quiet as unknown as Parameters<ReturnType<typeof sealAudit>>[2]['log'],
    };
    return (changes: readonly Change[]) => sealAudit(log)(changes, needs, call);
  };
  /** Everything that the table holds, page by page, as any reader of the API sees it. */
  const chainOf = async (table: Table, tenant: string) => {
    const seals = new SealStore(table);
    const all = [];
    let cursor: string | undefined;
    do {
      const page = await seals.seals(tenant, { limit: 100, cursor });
      all.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return { seals: all, keys: new Map((await seals.keys()).map((key) => [key.keyId, key.publicKeyPem])) };
  };

  const decided = fc.record({ tenant: fc.constantFrom('acme', 'other'), which: fc.nat(3) });
  const batch = fc.record({ from: fc.nat(199), count: fc.integer({ min: 1, max: 100 }) });

  test.each<AuditLog>(['rollouts', 'devices', 'products'])(
    'the log of %s puts each entry under one seal of its tenant, whatever is delivered how often to how many at once',
    async (log) => {
      let tables = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(decided, { minLength: 1, maxLength: 200 }),
          fc.array(batch, { minLength: 1, maxLength: 4 }),
          fc.infiniteStream(fc.nat(9)),
          async (decisions, batches, chance) => {
            const plain = opened.store.table({ name: `audit-${++tables}` });
            const items = decisions.map((one, at) => itemOf(log, one, at));
            for (const put of items) await plain.write({ put });
            const table = strictTable(plain, { world: opened.world, staleRate: 1, pageItems: 100 });
            const seal = sealing(
              log,
              lossy(table, () => chance.next().value === 0),
            );
            const changes = items.map(insertOf);
            const parts = batches.map(({ from, count }) => changes.slice(from, from + count));
            await Promise.allSettled(parts.map(seal));
            // The stream gives again what has failed, and once more what has not.
            for (const part of [...parts, changes])
              for (let done = false; !done; ) done = await seal(part).then(() => true, isConflict);
            for (const tenant of ['acme', 'other']) {
              const { seals, keys } = await chainOf(plain, tenant);
              const own = items.filter((item) => item.tenant === tenant);
              const told = seals.flatMap(({ text }) =>
                (JSON.parse(text) as SealContent).entries.map(({ id }) => id),
              );
              expect(told.toSorted()).toEqual(own.map(({ id }) => id).toSorted());
              for (const about of new Set(own.map((item) => String(item.about)))) {
                const entries = own.filter(
                  (item) => item.about === about || String(item.about).startsWith(`${about}/`),
                );
                const texts = entries.map((item) => readAuditEntry(item).text);
                const verdict = verifyAudit({ log, about, entries: texts, seals, keys, nowMs: NOW_MS });
                expect(verdict).toMatchObject({ sealed: entries.length, waiting: 0, faults: [] });
              }
            }
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  test('puts no entry under a second seal that another seals while the end of the chain is looked for', async () => {
    const plain = opened.store.table({ name: 'audit' });
    const item = itemOf('devices', { tenant: 'acme', which: 1 }, 1);
    await plain.write({ put: item });
    let others: (() => Promise<unknown>) | undefined = () => sealing('devices', plain)([insertOf(item)]);
    const strict = strictTable(plain, { world: opened.world });
    const met: Table = {
      ...strict,
      query: async (query) => {
        const first = others;
        others = undefined;
        await first?.();
        return strict.query(query);
      },
    };
    await sealing('devices', met)([insertOf(item)]);
    expect((await chainOf(plain, 'acme')).seals).toHaveLength(1);
  });

  test('leaves what is no new audit entry alone', async () => {
    const table = opened.store.table({ name: 'audit' });
    const item = itemOf('devices', { tenant: 'acme', which: 1 }, 1);
    await table.write({ put: item });
    const marked = { ...item, seal: 1 };
    const others: Change[] = [
      { ...insertOf(item), before: item, after: marked },
      { keys: { pk: String(item.pk), sk: String(item.sk) }, before: item },
      insertOf({ ...item, sk: 'outbox#1' }),
    ];
    await sealing('devices', table)(others);
    expect((await chainOf(table, 'acme')).seals).toEqual([]);
  });

  test('leaves an entry unsealed that does not say whose it is, counts it, and seals the others', async () => {
    const table = opened.store.table({ name: 'audit' });
    const own = itemOf('products', { tenant: 'acme', which: 1 }, 1);
    const { about: _about, ...nobodys } = itemOf('products', { tenant: 'acme', which: 1 }, 2);
    for (const put of [own, nobodys]) await table.write({ put });
    await sealing('products', table)([nobodys, own].map(insertOf));
    expect(counted).toEqual(['AuditEntryUnreadable']);
    const [seal] = (await chainOf(table, 'acme')).seals;
    expect(JSON.parse(seal?.text ?? '').entries).toMatchObject([{ id: own.id, about: 'cam0/2.1.0' }]);
  });

  test('is metered as part of an update for rollouts alone', async () => {
    for (const log of ['devices', 'products', 'rollouts'] as const) {
      const table = opened.store.table({ name: `audit-${log}` });
      const item = itemOf(log, { tenant: 'acme', which: 1 }, 1);
      await table.write({ put: item });
      await sealing(log, table)([insertOf(item)]);
    }
    expect(concerned).toEqual([ulid(1)]);
  });
});

/** Whether all is to be delivered again; throws anything else. */
function isConflict(error: unknown): false {
  if (error instanceof Error && ['ConflictError', 'UnknownOutcomeError'].includes(error.name)) return false;
  throw error;
}
