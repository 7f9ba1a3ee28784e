import type { TestHost } from '#host/testing/test-host.ts';
import type { DownloadTrouble } from '#shared/contracts/device/check.ts';
import type { PermitRequest } from '#shared/contracts/device/permit.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { nextId } from './next-id.ts';
import { Down, type Told } from './told.ts';

const TENANT = 'acme';
/** How often a device sends a report before it gives up, which a real one never does. */
const MOST_TRIES = 30;
let serial = 0;
const nonce = (): string => `nonce-${String(++serial).padStart(6, '0')}`;

/** What a check says besides the usual. */
interface CheckOptions {
  readonly confirmed?: boolean;
  readonly trouble?: DownloadTrouble;
}

/** A device of product cam that speaks the protocol by hand, message by message. */
export class ScriptedDevice {
  readonly deviceId: string;
  readonly thing: string;
  version: string;
  boot = 1;
  attempt = '';
  rollout = '';
  seq = 0;
  readonly #host: TestHost;

  constructor(host: TestHost, deviceId: string, version = '1.0.0') {
    this.#host = host;
    this.deviceId = deviceId;
    this.thing = `${TENANT}:${deviceId}`;
    this.version = version;
  }

  /** Makes it known, as the registry would on the bus. */
  async register(
    facts: Partial<
      Pick<
        DeviceChanged,
        'tags' | 'entityVersion' | 'product' | 'hardware' | 'decommissioned' | 'registeredAtMs'
      >
    > = {},
  ): Promise<void> {
    const detail = {
      id: nextId(),
      v: 1,
      tenant: TENANT,
      atMs: this.#host.world.now(),
      deviceId: this.deviceId,
      entityVersion: 1,
      product: 'cam',
      hardware: 'cam-rev-b',
      tags: [],
      attributes: {},
      decommissioned: false,
      ...facts,
    };
    const { source, type } = DeviceChanged;
    await this.#host.invoke('onDeviceChanged', { source, 'detail-type': type, detail });
  }

  /** Checks in; answers the last message on its offer topic since, if any. */
  async check(options: CheckOptions = {}): Promise<Told | undefined> {
    const before = this.#host.deviceMessages(this.thing).length;
    await this.#host.publishFromDevice(this.thing, 'check', this.#checkBody(options));
    await this.#host.settle();
    const answer = this.#answers(before).at(-1);
    if (answer?.rollout) this.rollout = answer.rollout;
    return answer;
  }

  /** Checks in as a fact, as in the first boot after an install: nobody answers. */
  async prove(options: { readonly confirmed?: boolean } = {}): Promise<void> {
    await this.#host.publishFromDevice(this.thing, 'report', this.#checkBody(options));
    await this.#host.settle();
  }

  /** Checks in and would begin at once, by the request of that number; answers what it is told since, wherever. */
  async checkToBegin(number: number, options: { readonly within?: number } = {}): Promise<Told | undefined> {
    const before = this.#host.deviceMessages(this.thing).length;
    await this.#host.publishFromDevice(this.thing, 'check', this.askingCheck(number, options));
    await this.#host.settle();
    const answer = this.#answers(before).at(-1);
    if (answer?.rollout) this.rollout = answer.rollout;
    return this.#takePermit(before) ?? answer;
  }

  /** A check that would begin at once, with a nonce of its own. */
  askingCheck(number: number, { within = 120 }: { readonly within?: number } = {}) {
    return { ...this.#checkBody({}), begins: number, within };
  }

  #checkBody(options: CheckOptions) {
    return {
      v: 1,
      nonce: nonce(),
      hardware: 'cam-rev-b',
      components: { main: { version: this.version } },
      bootId: this.#bootId,
      confirmed: options.confirmed ?? true,
      ...(options.trouble && { trouble: options.trouble }),
      ...(this.attempt && {
        last: { rollout: this.rollout, attempt: this.attempt, state: 'rebooting', seq: this.seq },
      }),
    };
  }

  /** Speaks in turns with a second device of its identity, until nobody can believe what either says. */
  async isCloned(): Promise<ScriptedDevice> {
    const twin = new ScriptedDevice(this.#host, this.deviceId, this.version);
    twin.boots(this.version);
    for (let round = 0; round < 3; round += 1) {
      await this.check();
      await twin.check();
    }
    return twin;
  }

  /** Asks for a permit; answers what it is told. */
  async requestPermit(release: string, settle = true): Promise<Told | undefined> {
    const before = this.#host.deviceMessages(this.thing).length;
    await this.#host.publishFromDevice(this.thing, 'permit', this.permitRequest(release));
    if (!settle) return undefined;
    await this.#host.settle();
    return this.#takePermit(before);
  }

  /** Asks for a permit, by its request of that number, and begins as soon as it is granted; answers what it is told. */
  async askToBegin(release: string, number: number): Promise<Told | undefined> {
    const before = this.#host.deviceMessages(this.thing).length;
    const request = { ...this.permitRequest(release), begins: number };
    await this.#host.publishFromDevice(this.thing, 'permit', request);
    await this.#host.settle();
    return this.#takePermit(before);
  }

  /** A request for a permit, with a nonce of its own. */
  permitRequest(release: string): PermitRequest {
    return {
      v: 1,
      nonce: nonce(),
      rollout: this.rollout,
      release,
      hardware: 'cam-rev-b',
      from: this.version,
      bootId: this.#bootId,
    };
  }

  /** The last answer to a permit request that came in. */
  takePermit(): Told | undefined {
    return this.#takePermit(0);
  }

  /** Reports one step, again until it is answered as the protocol asks; answers the acknowledgement or the withdrawal. */
  async report(state: string, target: string, reason?: string): Promise<Told | undefined> {
    const before = this.#host.deviceMessages(this.thing).length;
    this.seq += 1;
    const event = { seq: this.seq, state, uptimeMs: 1000, ...(reason && { reason }) };
    const [rollout, attempt, bootId] = [this.rollout, this.attempt, this.#bootId];
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const report = { v: 1, rollout, attempt, hardware: 'cam-rev-b', target, bootId, events: [event] };
      await this.#host.publishFromDevice(this.thing, 'report', report);
      await this.#host.settle();
      const answer = this.#answers(before).findLast(
        ({ ackSeq = 0, answer: kind }) => ackSeq >= this.seq || kind === 'withdrawn',
      );
      if (answer !== undefined) return answer;
      await this.#host.advance(1_000);
    }
    return undefined;
  }

  /** A report that its install has failed, not sent yet. */
  failure(target: string, reason: string) {
    this.seq += 1;
    const events = [{ seq: this.seq, state: 'failed', uptimeMs: 1000, reason }];
    return {
      v: 1,
      rollout: this.rollout,
      attempt: this.attempt,
      hardware: 'cam-rev-b',
      target,
      bootId: this.#bootId,
      events,
    };
  }

  /** Goes through an install up to "rebooting"; `false` when it was not allowed to begin. */
  async install(target: string): Promise<boolean> {
    const begun = await this.report('installing', target);
    if (begun?.ackSeq === undefined) return false;
    await this.report('rebooting', target);
    return true;
  }

  /** A new boot, with that version. */
  boots(version: string): void {
    this.boot += 1;
    this.version = version;
  }

  get #bootId(): string {
    return `boot-${this.deviceId}-${this.boot}`;
  }

  #takePermit(from: number) {
    const answer = this.#answers(from).findLast(({ answer: kind }) => kind !== undefined);
    if (answer?.answer === 'granted' && answer.attempt !== undefined) this.attempt = answer.attempt;
    return answer;
  }

  #answers(from: number): Told[] {
    return this.#host
      .deviceMessages(this.thing)
      .slice(from)
      .map(({ json }) => Down.parse(json));
  }
}
