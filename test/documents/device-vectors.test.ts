import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { judgeOffer } from '#device/agent/machine/judge-offer.ts';
import { PROTOCOL_TIMING } from '#device/agent/settings.ts';
import { Bench } from '#device/agent/testing/bench.ts';
import { CheckRequest } from '#shared/contracts/device/check.ts';
import { Offer } from '#shared/contracts/device/offer.ts';
import { Ulid } from '#shared/contracts/names.ts';
import { compareVersions } from '#shared/contracts/version.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { DEVICE, OfferVector } from '../../docs/generate/vectors/offers.ts';
import type { PermitVector } from '../../docs/generate/vectors/permits.ts';
import type { ATTEMPT, ProofVector } from '../../docs/generate/vectors/proofs.ts';
import { begun, minute, report } from '../../services/rollout-orchestrator/domain/attempt/attempt.fixture.ts';
import { told } from '../../services/rollout-orchestrator/domain/attempt/told.fixture.ts';
import { factsOf } from '../../services/rollout-orchestrator/functions/apply-reports/device-fact.ts';

interface Vectors {
  readonly key: { readonly pem: string };
  readonly device: typeof DEVICE;
  readonly offers: readonly OfferVector[];
  readonly asked: { readonly nonce: string; readonly rollout: string };
  readonly permits: readonly PermitVector[];
  readonly attempt: typeof ATTEMPT;
  readonly proofs: readonly ProofVector[];
  readonly ulids: readonly { readonly text: string; readonly hex: string }[];
  readonly versions: readonly (readonly string[])[];
}

// The file that makers read; another test holds it to what is generated.
const vectors = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../docs/vectors/device.json'), 'utf8'),
) as Vectors;

/** What the reference agent calls the rules that vectors name otherwise. */
const FIELDS: Readonly<Record<string, string>> = {
  product: 'manifest.product',
  hardware: 'manifest.artifacts',
  floor: 'sequence',
  'from.min': 'manifest.from.min',
};

/** The field that speaks against an offer, if one does. */
function faultOf({ payload, device }: OfferVector): string | undefined {
  const { product, hardware, version, floor, lastNonce } = { ...vectors.device, ...device };
  const offer = Offer.parse(JSON.parse(payload));
  if (offer.nonce !== lastNonce) return 'nonce';
  const settings = { product, hardware, trustedKeysPem: [vectors.key.pem], timing: PROTOCOL_TIMING };
  const image = { version, digest: '0'.repeat(64), sequence: floor, confirmed: true };
  try {
    judgeOffer(offer, { settings, image, floor });
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.field;
    throw error;
  }
}

interface Decided {
  readonly does: string;
  readonly attempt?: string;
  readonly untilSeconds?: number;
}

/** What the reference agent does that hears the answers and nothing else, and when it asks again, in seconds from the request. */
function decisionOn({ answers }: PermitVector): { decided: Decided; asksAtSeconds: number } {
  const bench = new Bench();
  bench.download({ rollout: vectors.asked.rollout });
  const asked = bench.said('permit').nonce;
  const sentMs = bench.nowMs;
  const nextAsk = () => (bench.nowMs - sentMs + (bench.armed('permit') ?? Number.NaN)) / 1_000;
  let asksAtSeconds = nextAsk();
  for (const { afterSeconds, payload } of answers) {
    bench.nowMs = sentMs + afterSeconds * 1_000;
    bench.hear('permit', JSON.parse(payload.replace(vectors.asked.nonce, asked)));
    if (bench.armed('permit') !== undefined) asksAtSeconds = nextAsk();
    const [install] = bench.did('install');
    if (install === undefined) continue;
    const { attempt, endsMs } = install.permit;
    const untilSeconds = (endsMs - sentMs) / 1_000;
    return { decided: { does: 'begin', attempt, untilSeconds }, asksAtSeconds };
  }
  const does = bench.state.phase.at === 'asking' ? 'ask-again' : 'forget';
  return { decided: { does }, asksAtSeconds };
}

/** What the backend makes of the attempt by that check. */
function outcomeOf({ heard, payload }: ProofVector): string {
  const { attempt: id, target: version, sha256: digest, from, bootId } = vectors.attempt;
  const granted = begun({ id, from, bootId, target: { version, digest, sequence: 7 } });
  const left = report('rebooting', 5, { attempt: id, bootId });
  const before = told(heard === 'rebooting' ? [left] : [], granted);
  const body = CheckRequest.parse(JSON.parse(payload));
  const sender = { thing: 'demo:cam-0017', tenant: 'demo', deviceId: 'cam-0017', certificateId: 'c' };
  const { state } = told(factsOf({ ...sender, body, atMs: minute(8) }), before);
  if (state === 'void') return 'interrupted';
  return state === 'good' || state === 'reverted' ? state : 'goes-on';
}

describe('the vectors for makers of devices', () => {
  test.each(vectors.offers)('offer, $name: the reference agent does the same', (vector) => {
    const { takes, fault } = vector;
    const field = fault === undefined ? undefined : (FIELDS[fault] ?? fault);
    expect(faultOf(vector)).toBe(field);
    expect(takes).toBe(fault === undefined);
  });

  test.each(vectors.permits)('permit, $name: the reference agent does the same', (vector) => {
    const { decision } = vector;
    const { decided, asksAtSeconds } = decisionOn(vector);
    expect(decision).toMatchObject(decided);
    if (decision.does === 'ask-again')
      expect(asksAtSeconds).toBeGreaterThanOrEqual(decision.notBeforeSeconds);
  });

  test.each(vectors.proofs)('proof, $name: the backend takes it so', (vector) => {
    expect(outcomeOf(vector)).toBe(vector.outcome);
  });

  test('have base64 that only the usual alphabet reads', () => {
    const texts = vectors.offers.map(({ payload }) => payload).join('');
    for (const letter of ['+', '/', '=']) expect(texts).toContain(letter);
  });

  test('spell each ULID as its 128 bits in base 32', () => {
    const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    for (const { text, hex } of vectors.ulids) {
      const bits = [...Ulid.parse(text)].reduce(
        (sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)),
        0n,
      );
      expect(bits.toString(16).padStart(32, '0')).toBe(hex);
    }
  });

  test('order versions as the backend compares them', () => {
    const ranked = vectors.versions.flatMap((equal, rank) => equal.map((version) => ({ version, rank })));
    for (const a of ranked)
      for (const b of ranked)
        expect(Math.sign(compareVersions(a.version, b.version) ?? Number.NaN)).toBe(
          Math.sign(a.rank - b.rank),
        );
  });
});
