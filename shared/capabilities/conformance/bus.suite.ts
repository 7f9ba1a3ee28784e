import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Bus, BusEvent } from '../bus.ts';

/** What a rule's target is handed: the parts that functions read. */
export interface HandedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/** A new bus for one test. */
export interface OpenBus {
  readonly bus: Bus;
  /** Adds a rule with an event pattern; answers what gives the events it was handed since the last call, in any order. */
  subscribe(pattern: unknown): Promise<() => Promise<readonly HandedEvent[]>>;
  close(): Promise<void>;
}

const event = (id: string, source: string, type: string): BusEvent => ({
  id,
  source,
  type,
  detail: { id, tenant: 'acme' },
});

/** What every implementation of `Bus` must do; `open` is called before each test. */
export function describeBus(name: string, open: () => Promise<OpenBus>): void {
  describe(`${name} as a bus`, () => {
    let opened: OpenBus;
    let bus: Bus;
    beforeEach(async () => {
      opened = await open();
      bus = opened.bus;
    });
    afterEach(() => opened.close());

    test('hands an event to every rule whose pattern it matches, and to no other', async () => {
      const bySource = await opened.subscribe({ source: ['evenkeel.firmware-storage'] });
      const byType = await opened.subscribe({ 'detail-type': ['ReleaseRevoked', 'RolloutHalted'] });
      const byDetail = await opened.subscribe({
        source: [{ prefix: 'evenkeel.' }],
        detail: { tenant: ['other'] },
      });
      const events = [
        event('1', 'evenkeel.firmware-storage', 'ReleasePublished'),
        event('2', 'evenkeel.firmware-storage', 'ReleaseRevoked'),
        event('3', 'evenkeel.rollout-orchestrator', 'RolloutHalted'),
        event('4', 'evenkeel.nobody', 'NobodyListens'),
      ];
      expect(await bus.publish(events)).toEqual({ failed: [] });
      const ids = (handed: readonly HandedEvent[]) =>
        handed.map(({ detail }) => (detail as { id: string }).id).sort();
      expect(ids(await bySource())).toEqual(['1', '2']);
      expect(ids(await byType())).toEqual(['2', '3']);
      expect(await byDetail()).toEqual([]);
    });

    test('hands over source, type and detail as they were published', async () => {
      const handed = await opened.subscribe({ source: ['s'] });
      const detail = { id: 'x', text: 'ä\u{1F6A2}', list: [1, { a: null }], none: null, yes: true };
      await bus.publish([{ id: 'x', source: 's', type: 'T', detail }]);
      expect(await handed()).toEqual([expect.objectContaining({ source: 's', 'detail-type': 'T', detail })]);
    });

    test('takes many events at once, and none', async () => {
      const handed = await opened.subscribe({ source: ['s'] });
      expect(await bus.publish([])).toEqual({ failed: [] });
      expect(await bus.publish(Array.from({ length: 35 }, (_, at) => event(`${at}`, 's', 'T')))).toEqual({
        failed: [],
      });
      expect(await handed()).toHaveLength(35);
    });

    test('refuses an event that EventBridge would not take, and publishes nothing of that call', async () => {
      const handed = await opened.subscribe({ source: [{ prefix: '' }] });
      const sound = event('1', 's', 'T');
      for (const wrong of [
        { ...sound, source: '' },
        { ...sound, type: '' },
        { ...sound, type: 'T'.repeat(129) },
        { ...sound, detail: { text: 'x'.repeat(200 * 1024) } },
        // A caller without types could pass a list.
        { ...sound, detail: [1] as unknown as BusEvent['detail'] },
      ]) {
        await expect(bus.publish([sound, wrong])).rejects.toThrow(RefusedError);
      }
      expect(await handed()).toEqual([]);
    });
  });
}
