import type { Known } from './known.ts';
import { isOpen, type KnownDevice } from './known-facts.ts';

/** What only the backend knows of a device. What the device is, does, and has said, no backup takes back. */
const OF_THE_BACKEND = [
  'item',
  'knownSinceMs',
  'tagged',
  'promised',
  'seen',
  'shutOutMs',
  'backSinceMs',
  'wasInQuarantine',
  'floor',
  'told',
  'acked',
] as const satisfies readonly (keyof KnownDevice)[];

/** The same, where it is a collection as one of its own. */
const copyOf = (value: unknown): unknown => {
  if (value instanceof Map) return new Map(value);
  if (value instanceof Set) return new Set(value);
  return Array.isArray(value) ? [...value] : value;
};

/** Fields of an object as they are now, put back by what this answers: those that it gets later are none then. */
function keep(one: object, names: readonly string[]): () => void {
  const fields = one as Record<string, unknown>;
  const kept = names.flatMap((name) => (name in fields ? [[name, copyOf(fields[name])] as const] : []));
  return () => {
    for (const name of new Set([...names, ...Object.keys(fields)]))
      if (names.includes(name)) delete fields[name];
    for (const [name, value] of kept) fields[name] = copyOf(value);
  };
}

/** Every field of an object. */
function keepAll(one: object): () => void {
  const back = keep(one, Object.keys(one));
  return () => {
    for (const name of Object.keys(one)) Reflect.deleteProperty(one, name);
    back();
  };
}

/** The entries of a map or a set. */
function keepEntries<T>(of: { clear(): void }, entries: readonly T[], add: (entry: T) => void): () => void {
  return () => {
    of.clear();
    for (const entry of entries) add(entry);
  };
}

const keepMap = <K, V>(map: Map<K, V>): (() => void) =>
  keepEntries(map, [...map], ([key, value]) => map.set(key, value));
const keepSet = <T>(set: Set<T>): (() => void) => keepEntries(set, [...set], (one) => set.add(one));

/**
 * What the model knows of the backend at this moment, as a backup keeps it. What this answers forgets all that came later; the attempts
 * and rollouts that are forgotten by it are noted as such, and so is which rollouts ran.
 */
export function keepFacts(known: Known): () => void {
  const back = [
    keepMap(known.items),
    keepMap(known.attempts),
    keepMap(known.rollouts),
    keepMap(known.withdrawn),
    keepSet(known.distrusted),
    keepSet(known.hardware),
    keepSet(known.registered),
    keepMap(known.releaseStates),
    ...[...known.attempts.values(), ...known.rollouts.values()].map(keepAll),
    ...[...known.devices.values()].map((device) => keep(device, OF_THE_BACKEND)),
  ];
  const handedOver = known.handedOver.length;
  return () => {
    const [attempts, rollouts] = [[...known.attempts.keys()], [...known.rollouts.keys()]];
    const ended = [...known.attempts.values()].filter((attempt) => !isOpen(attempt));
    for (const put of back) put();
    // Its device was told that its end is known, and speaks of it no more: nobody can tell any longer that it had begun.
    for (const { id, thing } of ended) known.devices.get(thing)?.begun.delete(id);
    known.handedOver.length = Math.min(handedOver, known.handedOver.length);
    for (const id of attempts) if (!known.attempts.has(id)) known.forgotten.add(id);
    for (const id of rollouts) if (!known.rollouts.has(id)) known.forgotten.add(id);
    for (const { id, state } of known.rollouts.values()) if (state === 'running') known.unresumed.add(id);
  };
}
