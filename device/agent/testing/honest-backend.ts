import type { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { Link, LinkListener } from '../ports.ts';
import { offer } from './bench.ts';

/** What a device says, as far as a backend looks at it. */
export interface Said {
  readonly nonce: string;
  readonly rollout: string;
  readonly bootId: string;
  readonly attempt?: string;
  readonly begins?: number;
  readonly within?: number;
  readonly confirmed?: boolean;
  readonly leaving?: boolean;
  readonly components?: { readonly main: { readonly version: string; readonly digest: string } };
  readonly last?: { readonly attempt: string; readonly state: string; readonly seq: number };
  readonly events?: readonly {
    readonly seq: number;
    readonly state: string;
    readonly reason?: string;
    readonly bootId?: string;
  }[];
}

/** An attempt as the backend sees it. */
export interface SeenAttempt {
  readonly id: string;
  bootId: string;
  state: 'granted' | 'rebooting' | 'good' | 'reverted' | 'failed' | 'interrupted';
  /** Of events, in the order in which they came first. */
  readonly events: string[];
}

/**
 * The backend of one device and one release, as honest as can be: it offers until the release runs, grants what is asked for, acknowledges
 * what is reported, and judges an attempt as rollout-orchestrator does (domain/attempt).
 */
export class HonestBackend implements Link {
  readonly attempts: SeenAttempt[] = [];
  /** Hears of every message before it is answered. */
  onSaid: (said: Said) => void = () => undefined;
  /** Whether the last check told that the release runs and is permanent. */
  isProven = false;
  readonly #world: VirtualWorld;
  readonly #sha256: string;
  #listener: LinkListener | undefined;

  constructor(world: VirtualWorld, sha256: string) {
    this.#world = world;
    this.#sha256 = sha256;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#world.after(1, () => listener.onUp());
  }

  async close(): Promise<void> {
    this.#listener = undefined;
  }

  async publish(kind: 'check' | 'permit' | 'report', payload: Uint8Array): Promise<void> {
    const said: Said = JSON.parse(Buffer.from(payload).toString());
    this.onSaid(said);
    if (said.components !== undefined) this.#see(kind, said, said.components.main.digest === this.#sha256);
    else if (said.events !== undefined) this.#hear(said, said.events);
    else this.#tell('permit', { ...this.#grant(said), rollout: said.rollout });
  }

  get #open(): SeenAttempt | undefined {
    return this.attempts.find(({ state }) => state === 'granted' || state === 'rebooting');
  }

  #see(kind: string, said: Said, isTarget: boolean): void {
    this.isProven = isTarget && said.confirmed === true;
    this.#judge(said, isTarget);
    if (kind !== 'check' || isTarget) return;
    const { v: _, nonce, rollout, ...offered } = offer({ nonce: said.nonce, sha256: this.#sha256 });
    if (said.begins === undefined) this.#tell('offer', { v: 1, nonce, rollout, ...offered });
    else this.#tell('permit', { ...this.#grant(said), rollout, offer: offered });
  }

  /** A check in another boot than the one that spoke last. */
  #judge({ bootId, confirmed, last }: Said, isTarget: boolean): void {
    const open = this.#open;
    if (open === undefined || bootId === open.bootId) return;
    const remembers = last?.attempt === open.id ? last.state : undefined;
    if (isTarget) {
      if (confirmed === true) open.state = 'good';
    } else if (open.state === 'rebooting' || remembers === 'rebooting' || remembers === 'claimed') {
      open.state = 'reverted';
    } else if (remembers !== 'failed') open.state = 'interrupted';
  }

  #grant({ nonce, bootId }: Said): object {
    const open = this.#open ?? this.#begin();
    open.bootId = bootId;
    return { v: 1, nonce, answer: 'granted', attempt: open.id, seconds: 600 };
  }

  #begin(): SeenAttempt {
    const id = `01JD${String(this.attempts.length).padStart(22, '0')}`;
    const begun: SeenAttempt = { id, bootId: '', state: 'granted', events: [] };
    this.attempts.push(begun);
    return begun;
  }

  #hear({ attempt: id = '', bootId, leaving }: Said, events: NonNullable<Said['events']>): void {
    const attempt = this.attempts.find((one) => one.id === id);
    if (attempt === undefined) throw new Error(`reported of ${id}, which was never granted`);
    for (const event of events) this.#apply(attempt, event, event.bootId ?? bootId);
    const ackSeq = Math.max(...events.map(({ seq }) => seq));
    if (leaving !== true) this.#tell('ack', { v: 1, attempt: id, ackSeq });
  }

  #apply(
    attempt: SeenAttempt,
    { seq, state }: { readonly seq: number; readonly state: string },
    bootId: string,
  ): void {
    const event = `${seq} ${state}`;
    if (!attempt.events.includes(event)) attempt.events.push(event);
    if (attempt !== this.#open) return;
    if (state === 'rebooting') Object.assign(attempt, { state, bootId });
    if (state === 'failed' || (state === 'interrupted' && attempt.state === 'granted')) {
      Object.assign(attempt, { state });
    }
  }

  /** In a later turn, as over a network. */
  #tell(kind: 'offer' | 'permit' | 'ack', body: object): void {
    const listener = this.#listener;
    this.#world.after(1, () => {
      if (this.#listener === listener) listener?.onMessage(kind, Buffer.from(JSON.stringify(body)));
    });
  }
}
