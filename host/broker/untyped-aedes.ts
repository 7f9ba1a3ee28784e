import type { EventEmitter } from 'node:events';
import type { Aedes, Client } from 'aedes';
import type { TopicEmitter } from './exact-topics.ts';
import type { SessionMemory } from './sessions.ts';

// What aedes has and its types leave out. Its version is pinned: whoever takes another one looks here first.

/** The parts of a broker that are replaced or bounded. */
interface AedesParts {
  /** Who listens to which topic. */
  mq: TopicEmitter;
  readonly persistence: SessionMemory;
}

/** The parts of that broker. */
export const partsOf = (aedes: Aedes): AedesParts => aedes as unknown as AedesParts;

/** Reads nothing more from a client, until its CONNECT is answered. */
export function pauseReading(client: Client): void {
  (client as Client & { pause(): void }).pause();
}

/** Hears of faults of the broker itself, which end the process where nobody listens. */
export function onBrokerFault(aedes: Aedes, listener: (error: unknown) => void): void {
  (aedes as EventEmitter).on('error', listener);
}
