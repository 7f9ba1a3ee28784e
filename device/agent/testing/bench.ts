import { generateKeyPairSync } from 'node:crypto';
import { signManifest } from '#shared/firmware/signature.ts';
import type { RunningImage } from '../image.ts';
import { type Kept, NOTHING_KEPT } from '../kept.ts';
import type { AgentState, Effect, Input } from '../machine/state.ts';
import { boot, type Step, step } from '../machine/step.ts';
import { type AgentSettings, PROTOCOL_TIMING } from '../settings.ts';

const KEY = makeKey();
/** A key that the device does not trust. */
export const STRANGE_KEY = makeKey();

/** The rollout that makes all offers here. */
export const ROLLOUT = '01JD0000000000000000000001';
/** The attempt of all permits here. */
export const ATTEMPT = '01JD0000000000000000000002';
/** What the factory image is. */
export const OLD_DIGEST = '0'.repeat(64);
/** What is offered. */
export const NEW_DIGEST = 'a'.repeat(64);

/** A device with the timing of the protocol. */
export const SETTINGS: AgentSettings = {
  product: 'cam',
  hardware: 'cam-rev-b',
  trustedKeysPem: [KEY.publicKey],
  timing: PROTOCOL_TIMING,
};

/** What the device runs at first. */
export const FACTORY: RunningImage = { version: '1.0.0', digest: OLD_DIGEST, sequence: 3, confirmed: true };

/** What a release says, and how the offer of it departs from the truth. */
export interface OfferSays {
  readonly nonce: string;
  readonly rollout?: string;
  readonly version?: string;
  readonly sequence?: number;
  readonly sha256?: string;
  readonly product?: string;
  readonly hardware?: string;
  readonly fromMin?: string;
  readonly privateKey?: string;
  readonly keyId?: string;
  /** Fields of the offer itself, outside the signed manifest. */
  readonly unsigned?: Readonly<Record<string, unknown>>;
}

/** An offer as the backend sends it. */
export function offer(says: OfferSays): Record<string, unknown> {
  const { nonce, version = '1.1.0', sequence = 4, sha256 = NEW_DIGEST, product = 'cam' } = says;
  const manifest = Buffer.from(
    JSON.stringify({
      v: 1,
      product,
      version,
      sequence,
      artifacts: [{ hardware: says.hardware ?? 'cam-rev-b', sha256, sizeBytes: 1000 }],
      ...(says.fromMin !== undefined && { from: { min: says.fromMin } }),
    }),
  );
  const signature = signManifest(manifest, says.privateKey ?? KEY.privateKey);
  return {
    v: 1,
    nonce,
    rollout: says.rollout ?? ROLLOUT,
    release: `${product}/${version}`,
    version,
    sequence,
    manifest: manifest.toString('base64'),
    signature: { ...signature, ...(says.keyId !== undefined && { keyId: says.keyId }) },
    artifact: { sha256, sizeBytes: 1000, url: 'https://localhost/bucket/x' },
    expiresAtMs: 0,
    ...says.unsigned,
  };
}

type Publish = Extract<Effect, { do: 'publish' }>;

const kindOf = ({ kind, body }: Pick<Publish, 'kind' | 'body'>) => ('components' in body ? 'check' : kind);

/** Drives the machine by hand: a clock that is set, and the effects of each step to look at. */
export class Bench {
  nowMs = 1_000;
  /** What chance says. */
  random = 0.5;
  state: AgentState;
  /** Of the last step. */
  effects: readonly Effect[] = [];
  readonly all: Effect[] = [];
  #nonces = 0;
  #boots = 0;
  readonly #settings: AgentSettings;

  constructor(
    from: { readonly kept?: Kept; readonly image?: RunningImage; readonly settings?: AgentSettings } = {},
  ) {
    this.#settings = from.settings ?? SETTINGS;
    this.state = this.reboot(from.image ?? FACTORY, from.kept ?? NOTHING_KEPT);
  }

  /** Boots anew from what was kept. */
  reboot(image: RunningImage, kept: Kept = this.state.kept): AgentState {
    this.#boots += 1;
    this.#become(boot(kept, { bootId: `boot-${this.#boots}-0000`, image }, this.#around()));
    return this.state;
  }

  take(input: Input): readonly Effect[] {
    this.#become(step(this.state, input, this.#around()));
    return this.effects;
  }

  hear(kind: 'offer' | 'permit' | 'ack' | 'refused' | 'hint', body: unknown): readonly Effect[] {
    return this.take({ input: 'message', kind, body });
  }

  /** Body of the last message of that kind; a check may have gone where reports go. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it has just sent
  said(kind: 'check' | 'permit' | 'report'): any {
    return this.all.findLast(
      (effect): effect is Publish => effect.do === 'publish' && kindOf(effect) === kind,
    )?.body;
  }

  did<Kind extends Effect['do']>(kind: Kind): Extract<Effect, { do: Kind }>[] {
    return this.effects.filter((effect) => effect.do === kind) as Extract<Effect, { do: Kind }>[];
  }

  /** How long the last step armed a timer for. */
  armed(timer: string): number | undefined {
    return this.did('arm').findLast((effect) => effect.timer === timer)?.delayMs;
  }

  /** Goes as far as an offer that is downloaded, and a permit that was asked for. */
  download(says: Omit<OfferSays, 'nonce'> = {}): void {
    this.hear('offer', offer({ ...says, nonce: this.said('check').nonce }));
    this.take({ input: 'downloaded', sha256: says.sha256 ?? NEW_DIGEST, path: '/downloads/x' });
  }

  grant(changes: Readonly<Record<string, unknown>> = {}): void {
    const { nonce, rollout } = this.said('permit');
    this.hear('permit', {
      v: 1,
      nonce,
      rollout,
      answer: 'granted',
      attempt: ATTEMPT,
      seconds: 600,
      ...changes,
    });
  }

  ack(ackSeq: number, attempt: string = ATTEMPT): void {
    this.hear('ack', { v: 1, attempt, ackSeq });
  }

  #become({ state, effects }: Step): void {
    this.state = state;
    this.effects = effects;
    this.all.push(...effects);
  }

  #around() {
    return {
      settings: this.#settings,
      nowMs: this.nowMs,
      random: () => this.random,
      nonce: () => `nonce-${String(this.#nonces++).padStart(4, '0')}`,
    };
  }
}

function makeKey() {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
