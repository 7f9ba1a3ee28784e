import type { CheckRequest } from '#shared/contracts/device/check.ts';
import type { PermitRequest } from '#shared/contracts/device/permit.ts';
import type { Report, ReportEvent } from '#shared/contracts/device/report.ts';
import type { Upward } from '#shared/contracts/device/topics.ts';
import { rank } from '../../services/rollout-orchestrator/domain/order/rank.ts';
import { HARDWARE, PRODUCT } from '../setup/bench-product.ts';
import { type SocketlessHost, TENANT } from './socketless-host.ts';

/** Where a device is on its way; each step waits for the answer to the one before. */
const ASLEEP = 0;
const ASKED = 1;
const DOWNLOADED = 2;
const INSTALLING = 3;
const FAILED = 4;
const REBOOTED = 5;
const PROVEN = 6;

const SECOND_MS = 1_000;
/** An answer that has not come by then will not come: the device asks again. */
const ASK_AGAIN_SECONDS = 120;
/** What devices do meanwhile, spread evenly between least and most seconds. */
const DOWNLOAD_SECONDS = [5, 25] as const;
const INSTALL_SECONDS = [10, 30] as const;
const REBOOT_SECONDS = [20, 40] as const;

/** What the devices are about to install. */
export interface Update {
  readonly rollout: string;
  readonly from: string;
  readonly to: string;
  /** Boots that devices have behind them: the present one has this number. */
  readonly boots: number;
  /** Whether every install fails, and says so. */
  readonly fails?: boolean;
}

/** What devices have sent so far, by kind. */
export interface SentCounts {
  checks: number;
  permits: number;
  reports: number;
  proofs: number;
}

/**
 * Devices as a few typed arrays: they speak the protocol message by message and believe what they are told, but hold nothing else.
 * A device sleeps until its turn has come by rank, window and offer cursor, as a hint would wake it, and then does what an update
 * takes: check, a permit that its install begins with, a report, and a check in a new boot.
 */
export class FleetModel {
  readonly sent: SentCounts = { checks: 0, permits: 0, reports: 0, proofs: 0 };
  readonly #host: SocketlessHost;
  readonly #update: Update;
  readonly #phase: Uint8Array;
  readonly #order: Uint32Array;
  readonly #ranks: Float64Array;
  readonly #attempts = new Map<number, string>();
  /** Who acts in which second of the monotonic clock. */
  readonly #due = new Map<number, number[]>();
  #now: number[] = [];
  #awake = 0;
  /** Woken and neither granted nor told to wait yet. */
  #asking = 0;
  #nonce = 0;
  readonly #firstSecond: number;

  constructor(host: SocketlessHost, update: Update, size: number) {
    this.#host = host;
    this.#firstSecond = this.#second;
    this.#update = update;
    this.#phase = new Uint8Array(size);
    this.#ranks = Float64Array.from({ length: size }, (_, device) => rank(update.rollout, deviceId(device)));
    this.#order = Uint32Array.from({ length: size }, (_, device) => device);
    this.#order.sort((a, b) => (this.#ranks[a] ?? 0) - (this.#ranks[b] ?? 0));
    host.onDown = (topic, payload) => this.#hear(topic, payload);
  }

  get asleep(): number {
    return this.#order.length - this.#awake;
  }

  /** Wakes the next devices by rank, below `upTo` (a rank), so many that at most `room` ask for a permit. */
  wake(upTo: number, room: number): void {
    for (let left = room - this.#asking; left > 0; left -= 1) {
      const device = this.#order[this.#awake];
      if (device === undefined || (this.#ranks[device] ?? 1) >= upTo) return;
      this.#awake += 1;
      this.#asking += 1;
      this.#now.push(device);
    }
  }

  /** Lets at most `most` devices whose time has come act; answers whether there may be more of them. */
  act(most: number): boolean {
    const second = this.#second;
    const due = this.#due.get(second);
    if (due !== undefined) {
      this.#due.delete(second);
      this.#now = this.#now.length === 0 ? due : this.#now.concat(due);
    }
    for (const device of this.#now.splice(0, most)) this.#actOne(device);
    return this.#now.length > 0 || this.#due.has(second);
  }

  #actOne(device: number): void {
    switch (this.#phase[device]) {
      case ASLEEP:
        this.#phase[device] = ASKED;
        this.#check(device);
        break;
      case ASKED:
        this.#check(device);
        break;
      case DOWNLOADED:
        this.#requestPermit(device);
        break;
      case INSTALLING:
        if (this.#update.fails === true) {
          this.#phase[device] = FAILED;
          this.#report(device, { seq: 1, state: 'failed', uptimeMs: 60_000, reason: 'flash-write' });
          break;
        }
        this.#phase[device] = REBOOTED;
        this.#report(device, { seq: 1, state: 'rebooting', uptimeMs: 60_000 });
        this.#later(device, between(REBOOT_SECONDS));
        break;
      case REBOOTED:
        this.#phase[device] = PROVEN;
        this.#prove(device);
    }
  }

  #hear(topic: string, payload: Uint8Array): void {
    const kind = topic.slice(topic.lastIndexOf('/') + 1);
    const device = Number.parseInt(topic.slice(topic.indexOf(':') + 3), 36);
    const text = Buffer.from(payload).toString('latin1');
    if (kind === 'refused') throw new Error(`${topic}: ${text}`);
    const phase = this.#phase[device];
    if (kind === 'offer' && phase === ASKED) {
      if (!text.includes('"artifact"')) return;
      this.#phase[device] = DOWNLOADED;
      this.#later(device, between(DOWNLOAD_SECONDS));
    } else if (kind === 'permit' && phase === DOWNLOADED) this.#hearPermit(device, JSON.parse(text));
  }

  #hearPermit(
    device: number,
    answer: { readonly answer: string; readonly attempt: string; readonly retryAfter: number },
  ): void {
    if (answer.answer === 'granted') {
      this.#asking -= 1;
      this.#phase[device] = INSTALLING;
      this.#attempts.set(device, answer.attempt);
      this.#later(device, between(INSTALL_SECONDS));
    } else if (answer.answer === 'wait') this.#later(device, answer.retryAfter);
    else throw new Error(`a permit was withdrawn: ${JSON.stringify(answer)}`);
  }

  #check(device: number): void {
    this.sent.checks += 1;
    this.#later(device, ASK_AGAIN_SECONDS);
    const { from, boots } = this.#update;
    this.#publish(device, 'check', {
      v: 1,
      nonce: this.#nextNonce(),
      hardware: HARDWARE,
      confirmed: true,
      components: { main: { version: from } },
      bootId: bootOf(device, boots),
    } satisfies CheckRequest);
  }

  #requestPermit(device: number): void {
    this.sent.permits += 1;
    const { rollout, from, to, boots } = this.#update;
    this.#publish(device, 'permit', {
      v: 1,
      nonce: this.#nextNonce(),
      rollout,
      release: `${PRODUCT}/${to}`,
      hardware: HARDWARE,
      from,
      bootId: bootOf(device, boots),
      // Rises from one question of a device to the next.
      begins: this.#second - this.#firstSecond + 1,
    } satisfies PermitRequest);
  }

  #report(device: number, event: ReportEvent): void {
    this.sent.reports += 1;
    const { rollout, to, boots } = this.#update;
    this.#publish(device, 'report', {
      v: 1,
      rollout,
      attempt: this.#attempts.get(device) ?? '',
      hardware: HARDWARE,
      target: to,
      bootId: bootOf(device, boots),
      events: [event],
      ...(event.state === 'rebooting' && { leaving: true }),
    } satisfies Report);
  }

  #prove(device: number): void {
    this.sent.proofs += 1;
    const attempt = this.#attempts.get(device) ?? '';
    this.#attempts.delete(device);
    const { rollout, to, boots } = this.#update;
    this.#publish(device, 'check', {
      v: 1,
      nonce: this.#nextNonce(),
      hardware: HARDWARE,
      confirmed: true,
      components: { main: { version: to } },
      bootId: bootOf(device, boots + 1),
      last: { rollout, attempt, state: 'rebooting', seq: 1 },
    } satisfies CheckRequest);
  }

  #publish(device: number, kind: Upward, body: unknown): void {
    const thing = `${TENANT}:${deviceId(device)}`;
    this.#host.publish(thing, CERTIFICATE, kind, JSON.stringify(body)).catch((error: unknown) => {
      throw error;
    });
  }

  #nextNonce(): string {
    this.#nonce += 1;
    return `nonce-${this.#nonce.toString(36).padStart(8, '0')}`;
  }

  get #second(): number {
    return Math.floor(this.#host.world.monotonicMs() / SECOND_MS);
  }

  #later(device: number, seconds: number): void {
    const at = this.#second + Math.max(1, Math.round(seconds));
    const others = this.#due.get(at);
    if (others === undefined) this.#due.set(at, [device]);
    else others.push(device);
  }
}

/** Functions are told which certificate a message came with and do not look into it: the broker has let it in. */
const CERTIFICATE = 'c'.repeat(64);

/** The name of a device by its number. */
export const deviceId = (device: number): string => `d-${device.toString(36).padStart(5, '0')}`;

const bootOf = (device: number, boot: number): string =>
  `boot-${device.toString(36).padStart(5, '0')}-${boot}`;

const between = ([least, most]: readonly [number, number]): number => least + Math.random() * (most - least);
