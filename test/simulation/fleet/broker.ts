import type { EndReason } from '#host/broker/frame-gate.ts';
import type { LifecycleEvents } from '#host/broker/lifecycle-events.ts';
import { type Upward, upTopic } from '#shared/contracts/device/topics.ts';
import type { Wire } from '../faults/fault.ts';
import type { Faults } from '../faults/faults.ts';
import type { SimulatedHost } from '../host/simulated-host.ts';
import type { RandomStream } from '../world/random-stream.ts';
import type { SimulatedWorld, WorldView } from '../world/simulated-world.ts';
import type { MemoryLink } from './memory-link.ts';

/** Devices connect again within so long after the broker was away: the reference agent's longest first wait. */
const RECONNECT_MS = 60_000;
/** A message takes so long at most, where nothing disturbs it. */
const LATENCY_MS = 200;

/** What the broker hears and says, for whoever watches. */
export interface BrokerObserver {
  onSaid(wire: Wire): void;
  /** The broker has acknowledged it. */
  onAccepted(wire: Wire): void;
  onHeard(wire: Wire): void;
  /** A device has these sessions from now on: one, as long as nobody has cloned it. */
  onSessions(thing: string, sessions: readonly string[]): void;
  /** A lifecycle event of a device was lost: nobody repeats it. */
  onSessionUntold(thing: string): void;
}

/** The twin of the MQTT broker: sessions, and messages that pass between devices and the rules engine, without sockets. */
export class Broker {
  /** All devices come back in the same second after an outage. */
  isHerd = false;
  readonly #view: WorldView;
  readonly #stream: RandomStream;
  readonly #host: () => SimulatedHost;
  readonly #observer: BrokerObserver;
  readonly #links = new Map<string, Set<MemoryLink>>();
  readonly #up: (wire: Wire) => Promise<void>;
  readonly #down: (wire: Wire) => Promise<void>;
  #sessions = 0;
  #lifecycle: LifecycleEvents | undefined;

  constructor(parts: {
    readonly world: SimulatedWorld;
    readonly host: () => SimulatedHost;
    readonly faults: Faults;
    readonly observer: BrokerObserver;
  }) {
    this.#view = parts.world.view('broker');
    this.#stream = parts.world.stream('broker');
    this.#host = parts.host;
    this.#observer = parts.observer;
    this.#up = parts.faults.aroundUp((wire) => this.#toHost(wire));
    this.#down = parts.faults.aroundDown((wire) => this.#toDevice(wire));
  }

  /** A link wants a session; it gets one now, or once the host serves again. */
  connect(link: MemoryLink): void {
    const own = this.#links.get(link.thing) ?? new Set();
    this.#links.set(link.thing, own.add(link));
    this.#begin(link, this.#stream.next() * LATENCY_MS);
  }

  /** A link is closed by its device. */
  disconnect(link: MemoryLink): void {
    this.#links.get(link.thing)?.delete(link);
    this.#end(link, 'CLIENT_INITIATED_DISCONNECT');
  }

  /** The host serves again: everybody who was connected comes back, spread over the reconnect jitter or all at once. */
  hostUp(): void {
    this.#lifecycle = this.#host().tellSessions((thing) => this.#observer.onSessionUntold(thing));
    this.#letBack();
  }

  /** The host is gone, and every session with it. */
  hostDown(): void {
    this.#lifecycle = undefined;
    for (const link of this.#all()) this.#end(link, 'CONNECTION_LOST');
  }

  /** Breaks off every session at once; the devices come back. */
  breakAll(): void {
    for (const link of this.#all()) this.#end(link, 'CONNECTION_LOST');
    this.#letBack();
  }

  /** A device sends; resolves when the broker acknowledges, rejects when nobody knows. */
  publish(link: MemoryLink, kind: Upward, payload: Uint8Array): Promise<void> {
    if (!link.isUp) return Promise.reject(new Error('not connected'));
    const { thing } = link;
    const sent = this.#later(this.#stream.next() * LATENCY_MS).then(() => this.#up({ thing, kind, payload }));
    return Promise.race([sent, link.lost()]);
  }

  /** A function sends down; whoever is not connected never hears it. */
  async deliver(topic: string, payload: Uint8Array): Promise<void> {
    const [, thing = '', kind = ''] = topic.split('/');
    await this.#later(this.#stream.next() * LATENCY_MS);
    await this.#down({ thing, kind, payload });
  }

  async #toHost(wire: Wire): Promise<void> {
    const host = this.#host();
    if (!host.isUp) throw new Error('the broker is away');
    this.#observer.onSaid(wire);
    const [link] = this.#links.get(wire.thing) ?? [];
    const certificateId = link?.certificateId ?? '';
    await host.publish(upTopic(wire.thing, wire.kind as Upward), wire.payload, {
      thing: wire.thing,
      certificateId,
    });
    this.#observer.onAccepted(wire);
  }

  async #toDevice(wire: Wire): Promise<void> {
    for (const link of this.#links.get(wire.thing) ?? []) {
      if (!link.isUp) continue;
      this.#observer.onHeard(wire);
      link.hear(wire.kind, wire.payload);
    }
  }

  #letBack(): void {
    if (!this.#host().isUp) return;
    const spreadMs = this.isHerd ? 1 : RECONNECT_MS;
    for (const link of this.#all()) this.#begin(link, this.#stream.next() * spreadMs);
  }

  #begin(link: MemoryLink, delayMs: number): void {
    this.#view.after(delayMs, () => {
      if (!link.isOpen || link.isUp || !this.#host().isUp) return;
      this.#sessions += 1;
      link.up(`session-${this.#sessions}`);
      this.#noteSessions(link.thing);
      this.#lifecycle?.began(link.thing, link);
    });
  }

  #end(link: MemoryLink, reason: EndReason): void {
    if (!link.isUp) return;
    link.down();
    this.#noteSessions(link.thing);
    this.#lifecycle?.ended(link.thing, link, reason);
  }

  #noteSessions(thing: string): void {
    const up = [...(this.#links.get(thing) ?? [])].filter(({ isUp }) => isUp);
    this.#observer.onSessions(
      thing,
      up.map(({ session }) => session),
    );
  }

  #all(): MemoryLink[] {
    return [...this.#links.values()].flatMap((own) => [...own]);
  }

  #later(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#view.after(delayMs, resolve);
    });
  }
}
