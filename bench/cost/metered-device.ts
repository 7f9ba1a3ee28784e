import type { TestHost } from '#host/testing/test-host.ts';
import type { Upward } from '#shared/contracts/device/topics.ts';
import { CAST } from './metered-cast.ts';

/** Where the devices of a rollout download for so long at most, and begin then. */
const WITHIN_SECONDS = 300;

/** What a device looks at of an answer. */
export interface Permitted {
  readonly answer?: string;
  readonly attempt?: string;
  readonly rollout?: string;
  readonly offer?: { readonly version: string };
}

/** A device that says what the reference agent says on the way of a good update, and nothing else. */
export class MeteredDevice {
  readonly deviceId: string;
  readonly #host: TestHost;
  readonly #digests: Readonly<Record<string, string>>;
  #version: string = CAST.versions[0];
  #target: string = CAST.versions[0];
  #boot = 1;
  #nonce = 0;
  #rollout = '';
  #attempt = '';
  #seq = 0;
  #asks = 0;

  /** `digests` are those of the images, by version. */
  constructor(host: TestHost, deviceId: string, digests: Readonly<Record<string, string>>) {
    this.#host = host;
    this.deviceId = deviceId;
    this.#digests = digests;
  }

  /** Checks in. */
  check(): Promise<void> {
    return this.#say('check', this.#checkBody());
  }

  /** Checks in, and would begin at once with what it is granted. */
  checkToBegin(): Promise<void> {
    this.#asks += 1;
    return this.#say('check', { ...this.#checkBody(), begins: this.#asks, within: WITHIN_SECONDS });
  }

  /** Checks in for the first time after an install. */
  prove(): Promise<void> {
    return this.#say('report', this.#checkBody());
  }

  #checkBody(): object {
    return {
      v: 1,
      nonce: this.#nextNonce(),
      product: CAST.product,
      hardware: CAST.hardware,
      components: { main: { version: this.#version, digest: this.#digests[this.#version] } },
      bootId: this.#bootId,
      confirmed: true,
      capabilities: ['range'],
      ...(this.#attempt !== '' && {
        last: { rollout: this.#rollout, attempt: this.#attempt, state: 'claimed', seq: this.#seq },
      }),
    };
  }

  /** Has downloaded the release of that rollout, and asks whether it may install it. */
  askPermit(rollout: string, version: string): Promise<void> {
    this.#rollout = rollout;
    this.#target = version;
    this.#asks += 1;
    return this.#say('permit', {
      v: 1,
      nonce: this.#nextNonce(),
      rollout,
      release: `${CAST.product}/${version}`,
      hardware: CAST.hardware,
      from: this.#version,
      bootId: this.#bootId,
      begins: this.#asks,
    });
  }

  /** Takes its permit; whether it has one. */
  takePermit(answers: ReadonlyMap<string, Permitted>): boolean {
    const answer = answers.get(`ek/${this.thing}/permit`);
    if (answer?.answer !== 'granted' || answer.attempt === undefined) return false;
    this.#attempt = answer.attempt;
    this.#rollout = answer.rollout ?? '';
    this.#target = answer.offer?.version ?? this.#target;
    this.#seq = 1;
    return true;
  }

  /** Has installed, says so, and leaves. */
  reportRebooting(): Promise<void> {
    this.#seq = 1;
    return this.#say('report', {
      v: 1,
      rollout: this.#rollout,
      attempt: this.#attempt,
      hardware: CAST.hardware,
      target: this.#target,
      bootId: this.#bootId,
      events: [{ seq: this.#seq, state: 'rebooting', uptimeMs: 60_000 }],
      leaving: true,
    });
  }

  /** Boots the new image. */
  reboot(): void {
    this.#boot += 1;
    this.#asks = 0;
    this.#version = this.#target;
  }

  get thing(): string {
    return `${CAST.tenant}:${this.deviceId}`;
  }

  get #bootId(): string {
    return `${this.deviceId}-boot-${this.#boot}`;
  }

  #nextNonce(): string {
    this.#nonce += 1;
    return `nonce-${String(this.#nonce).padStart(6, '0')}`;
  }

  #say(kind: Upward, body: unknown): Promise<void> {
    return this.#host.publishFromDevice(this.thing, kind, body);
  }
}
