import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Device } from './device.ts';
import { type InventoryReport, judgeInventory, NOTED_AFTER_MS } from './inventory.ts';
import { registered } from './registration.ts';

const CERTIFICATE = 'f'.repeat(64);
const FACTS = { tenant: 'acme', deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b', tags: [] };
/** No inventory is taken later, but where a test says so. */
const LAST_MS = 13 * NOTED_AFTER_MS;
const NEW: Device = registered(undefined, FACTS, CERTIFICATE, 0);

/** The device after these inventories, heard in that order, and how often it was written. */
function heard(reports: readonly InventoryReport[], nowMs = LAST_MS, before = NEW) {
  let device = before;
  let writes = 0;
  for (const report of reports) {
    const verdict = judgeInventory(device, report, nowMs);
    if (verdict.outcome !== 'changed' && verdict.outcome !== 'noted') continue;
    device = verdict.device;
    writes += 1;
  }
  return { device, writes };
}

const says = (slot: string, atMs: number): InventoryReport => ({
  attributes: { slot },
  certificateId: CERTIFICATE,
  atMs,
});

/** Inventories of one device, each at a time of its own, in the order in which they were taken. */
const taken = fc
  .uniqueArray(fc.integer({ min: 1, max: 10 * NOTED_AFTER_MS }), { minLength: 1, maxLength: 12 })
  .chain((times) =>
    fc
      .array(fc.constantFrom('a', 'b'), { minLength: times.length, maxLength: times.length })
      .map((slots) => times.toSorted((a, b) => a - b).map((atMs, at) => says(slots[at] ?? '', atMs))),
  );
/** The same with an order of delivery: all of them at least once, some again. */
const delivered = taken.chain((reports) =>
  fc.record({
    reports: fc.constant(reports),
    order: fc
      .array(fc.constantFrom(...reports), { maxLength: 6 })
      .chain((again) =>
        fc.shuffledSubarray([...reports, ...again], { minLength: reports.length + again.length }),
      ),
  }),
);

describe('inventories of one device, in any order', () => {
  test('leave what the newest said, or one that was taken less than a day before it', () => {
    fc.assert(
      fc.property(delivered, ({ reports, order }) => {
        const newestMs = reports.at(-1)?.atMs ?? 0;
        const recent = reports.filter(({ atMs }) => atMs > newestMs - NOTED_AFTER_MS);
        expect(recent.map(({ attributes }) => attributes)).toContainEqual(heard(order).device.attributes);
      }),
      { numRuns: 2_000 },
    );
  });

  test('leave what the newest said, where each is taken a day after the one before', () => {
    fc.assert(
      fc.property(delivered, ({ reports, order }) => {
        const spread = new Map(
          reports.map((report, at) => [report, { ...report, atMs: (at + 1) * NOTED_AFTER_MS }]),
        );
        const { device } = heard(order.map((report) => spread.get(report) ?? report));
        expect(device.attributes).toEqual(reports.at(-1)?.attributes);
      }),
      { numRuns: 2_000 },
    );
  });

  test('leave what the newest said, where none says what was said before', () => {
    fc.assert(
      fc.property(delivered, ({ reports, order }) => {
        const different = new Map(reports.map((report) => [report, says(String(report.atMs), report.atMs)]));
        const { device } = heard(order.map((report) => different.get(report) ?? report));
        expect(device.attributes).toEqual(different.get(reports.at(-1) ?? says('', 0))?.attributes);
      }),
      { numRuns: 500 },
    );
  });

  test('that say the same all day cost one write', () => {
    const hourly = Array.from({ length: 24 }, (_, hour) => says('a', 1 + hour * 3_600_000));
    expect(heard(hourly).writes).toBe(1);
    const { device, writes } = heard([...hourly, says('a', 1 + NOTED_AFTER_MS)]);
    expect(writes).toBe(2);
    expect(device).toMatchObject({ entityVersion: 2, inventoryAtMs: 1 + NOTED_AFTER_MS });
  });
});

describe('an inventory noted while the clock was ahead', () => {
  const aheadMs = LAST_MS + 365 * NOTED_AFTER_MS;
  const { device: noted } = heard([says('ahead', aheadMs)], aheadMs);

  test('gives way to what is said by the clock as it is now, and that to what is said next', () => {
    const reports = [says('new', LAST_MS), says('old', LAST_MS - 1), says('newer', LAST_MS + 1)];
    const { device, writes } = heard(reports, LAST_MS + 1, noted);
    expect(device).toMatchObject({ attributes: { slot: 'newer' }, inventoryAtMs: LAST_MS + 1 });
    expect(writes).toBe(2);
  });

  test('that is only repeated costs one write, for its time', () => {
    const { device, writes } = heard(
      [says('ahead', LAST_MS), says('ahead', LAST_MS + 1)],
      LAST_MS + 1,
      noted,
    );
    expect(device).toEqual({ ...noted, inventoryAtMs: LAST_MS });
    expect(writes).toBe(1);
  });

  test('gives way to no older one that was said by the same clock', () => {
    expect(heard([says('late', aheadMs - 1)], LAST_MS, noted).device).toBe(noted);
    expect(heard([says('later', aheadMs + 1)], LAST_MS, noted).device.attributes).toEqual({ slot: 'later' });
  });

  test('less than a minute ahead is what clocks of servers differ by', () => {
    const { device } = heard([says('old', LAST_MS)], LAST_MS, heard([says('new', LAST_MS + 59_000)]).device);
    expect(device.attributes).toEqual({ slot: 'new' });
  });
});
