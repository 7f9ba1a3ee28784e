import type { Heard, Said } from '#device/agent/machine/state.ts';
import type { Link, LinkListener } from '#device/agent/ports.ts';
import type { Broker } from './broker.ts';

const HEARD: readonly string[] = ['offer', 'permit', 'ack', 'refused', 'hint'] satisfies Heard[];

/** The connection of one device, without a socket: it comes and goes with the host, and by what faults do to it. */
export class MemoryLink implements Link {
  readonly thing: string;
  readonly certificateId: string;
  session = '';
  readonly #broker: Broker;
  #listener: LinkListener | undefined;
  #lost = Promise.withResolvers<never>();
  #isUp = false;

  constructor(thing: string, certificateId: string, broker: Broker) {
    this.thing = thing;
    this.certificateId = certificateId;
    this.#broker = broker;
  }

  /** Whether its device wants to be connected. */
  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#broker.connect(this);
  }

  publish(kind: Said, payload: Uint8Array): Promise<void> {
    return this.#broker.publish(this, kind, payload);
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#broker.disconnect(this);
  }

  /** Rejects when the session ends. */
  lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** The broker has given it a session. */
  up(session: string): void {
    this.session = session;
    this.#isUp = true;
    this.#listener?.onUp();
  }

  /** The session has ended. */
  down(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#lost.promise.catch(() => undefined);
    this.#lost.reject(new Error('the connection is lost'));
    this.#lost = Promise.withResolvers();
  }

  /** Something arrives; a kind that the device does not know is passed over. */
  hear(kind: string, payload: Uint8Array): void {
    if (HEARD.includes(kind)) this.#listener?.onMessage(kind as Heard, payload);
  }
}
