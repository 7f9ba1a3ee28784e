import { EmbeddedQueue } from '#host/store/embedded-queue.ts';
import type { Fault } from './fault.ts';
import { passing } from './queues.ts';
import type { Stage } from './stage.ts';

/** Something that a home keeps while its functions are replaced. */
export interface Kept {
  /** `table/NAME`, `queue/NAME`, `bucket`, `agent` or `secrets/FILE`. */
  readonly where: string;
  /** An item, the body of a message, an object with its key and text, or what a device keeps over reboots. */
  readonly what: Readonly<Record<string, unknown>>;
}

/** Artifacts are no texts, and named by their content. */
const IS_TEXT = /\.jsonl$/;

/** No fault: somebody who sees what is kept anywhere, and changes nothing. */
export function witness(saw: (kept: Kept) => void): Fault {
  let stage: Stage | undefined;
  const objects = new Set<string>();
  const look = async ({ host, fleet }: Stage, thing: string): Promise<void> => {
    const state = await fleet.named(thing)?.slots.load();
    if (state !== undefined) saw({ where: 'agent', what: state });
    for (const { key, bytes } of host.disk.versions) {
      if (objects.has(key)) continue;
      objects.add(key);
      saw({ where: 'bucket', what: { key, text: IS_TEXT.test(key) ? Buffer.from(bytes).toString() : '' } });
    }
  };
  return {
    name: 'witness',
    what: 'sees what is kept',
    most: 0,
    table: (inner, _chance, original) => {
      const where = `table/${nameOf(original.definition.name)}`;
      original.observe((_key, after) => {
        if (after !== undefined) saw({ where, what: after });
      });
      return inner;
    },
    queue: (inner) => {
      if (!(inner instanceof EmbeddedQueue)) return inner;
      const where = `queue/${nameOf(inner.definition.name)}`;
      return {
        ...passing(inner),
        send: (messages) => {
          for (const { body } of messages) saw({ where, what: JSON.parse(body) });
          return inner.send(messages);
        },
      };
    },
    begin: (all) => {
      stage = all;
    },
    // Whenever a device says something: it has kept before what it says, and buckets are looked at often enough.
    up: (carry) => async (wire) => {
      if (stage !== undefined) await look(stage, wire.thing);
      return carry(wire);
    },
  };
}

/** A physical name without `evenkeel-<stage>-`. */
const nameOf = (physical: string): string => physical.replace(/^evenkeel-[^-]+-/, '');
