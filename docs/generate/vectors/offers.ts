import { PUBLISHED_KEYS, type SignedManifest, sha256Of, signed, withoutLowestS } from './signing.ts';

/** The device that hears the offers, where a vector does not say otherwise. */
export const DEVICE = {
  product: 'cam',
  hardware: 'cam-rev-b',
  version: '2.0.0',
  floor: 6,
  lastNonce: 'k3J9x2Qa',
};
/** What its artifact holds, so that a download can be played as well. */
export const FIRMWARE = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 251));

/** An offer as it comes, and whether a device downloads it; `fault` is the first rule of docs/protocol.md that speaks against it. */
export interface OfferVector {
  readonly name: string;
  /** What is different about the device. */
  readonly device?: Partial<typeof DEVICE>;
  readonly payload: string;
  readonly takes: boolean;
  readonly fault?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const SHA256 = sha256Of(FIRMWARE);
const ROLLOUT = '01JD0000000000000000000001';
const MANIFEST = {
  v: 1,
  product: 'cam',
  version: '2.1.0',
  sequence: 7,
  artifacts: [
    { hardware: 'cam-rev-a', sha256: 'a'.repeat(64), sizeBytes: 900 },
    { hardware: 'cam-rev-b', sha256: SHA256, sizeBytes: FIRMWARE.length },
  ],
};
const TEXT = JSON.stringify(MANIFEST);
const SPELT = JSON.stringify(MANIFEST, null, 2);

/** The offer of a signed manifest, with what else is different about it. */
function offerOf(signedManifest: SignedManifest, changes: Fields = {}): Fields {
  return {
    v: 1,
    nonce: DEVICE.lastNonce,
    rollout: ROLLOUT,
    release: 'cam/2.1.0',
    version: '2.1.0',
    sequence: 7,
    ...signedManifest,
    artifact: {
      sha256: SHA256,
      sizeBytes: FIRMWARE.length,
      url: 'https://updates.example/a?expires=1&signature=2',
    },
    expiresAtMs: 1_780_000_900_000,
    ...changes,
  };
}

/** The offer of a manifest that differs in those fields, which the offer says, too, as the backend has it. */
function honest(changes: Fields): Fields {
  const manifest = { ...MANIFEST, ...changes };
  const { product, version, sequence } = manifest;
  return offerOf(signed(JSON.stringify(manifest)), { release: `${product}/${version}`, version, sequence });
}

const plain = offerOf(signed(TEXT));
const sound = signed(TEXT).signature;
const under = (signature: SignedManifest['signature']): Fields => ({ ...plain, signature });
const strange = signed(TEXT, PUBLISHED_KEYS.strange).signature;
const valueBytes = Buffer.from(sound.value, 'base64');
const artifact = (changes: Fields): Fields => ({ ...plain, artifact: { ...plainArtifact(), ...changes } });

function plainArtifact(): Fields {
  return { sha256: SHA256, sizeBytes: FIRMWARE.length, url: 'https://updates.example/a' };
}

const take = (name: string, offer: Fields | string, device?: Partial<typeof DEVICE>): OfferVector => ({
  name,
  ...(device !== undefined && { device }),
  payload: typeof offer === 'string' ? offer : JSON.stringify(offer),
  takes: true,
});
const drop = (fault: string, name: string, offer: Fields, device?: Partial<typeof DEVICE>): OfferVector => ({
  ...take(name, offer, device),
  takes: false,
  fault,
});
const from = (min: string): Fields => honest({ from: { min } });

/** Every vector of an offer. */
export const OFFERS: readonly OfferVector[] = [
  take('as the backend sends it', plain),
  take(
    'keys in another order, white space, keys that nobody knows at two depths',
    JSON.stringify(
      {
        later: { sequence: 1 },
        ...Object.fromEntries(Object.entries(plain).reverse()),
        artifact: { url: 'https://updates.example/a', note: [null], ...plainArtifact() },
      },
      null,
      '\t',
    ),
  ),
  take(
    'escapes in names, texts and the base64',
    JSON.stringify(plain)
      .replaceAll('/', '\\/')
      .replace('"version"', '"\\u0076ersion"')
      .replace('cam\\/2.1.0', '\\u0063am\\u002f2.1.0'),
  ),
  take('a manifest on several lines: what is signed are its very bytes', offerOf(signed(SPELT))),
  take('the largest sequence and size', {
    ...offerOf(
      signed(
        JSON.stringify({
          ...MANIFEST,
          sequence: 2_147_483_647,
          artifacts: [{ hardware: 'cam-rev-b', sha256: SHA256, sizeBytes: 2_147_483_648 }],
        }),
      ),
    ),
    sequence: 2_147_483_647,
    artifact: { ...plainArtifact(), sizeBytes: 2_147_483_648 },
  }),
  drop('nonce', 'the answer to an earlier check', { ...plain, nonce: 'k3J9x2Qb' }),
  drop('signature.keyId', 'another key than the product has', under(strange)),
  drop(
    'signature.value',
    'another key under the id of the trusted one',
    under({ ...sound, value: strange.value }),
  ),
  drop('signature.value', 'no signature', under({ ...sound, value: '' })),
  drop(
    'signature.value',
    'a signature of 63 bytes',
    under({ ...sound, value: valueBytes.subarray(0, 63).toString('base64') }),
  ),
  drop(
    'signature.value',
    'S + L instead of S (RFC 8032, 5.1.7)',
    under({ ...sound, value: withoutLowestS(sound.value) }),
  ),
  drop('signature.value', 'one digit of the manifest is another', {
    ...plain,
    manifest: Buffer.from(TEXT.replace('"sequence":7', '"sequence":8')).toString('base64'),
    sequence: 8,
  }),
  drop('signature.value', 'the signature of the manifest without its white space', {
    ...offerOf(signed(SPELT)),
    signature: sound,
  }),
  drop('product', 'another product', honest({ product: 'lamp' })),
  drop('hardware', 'nothing for this hardware', plain, { hardware: 'cam-rev-c' }),
  drop(
    'artifact.sha256',
    'the bytes for other hardware',
    artifact({ sha256: 'a'.repeat(64), sizeBytes: 900 }),
  ),
  drop('artifact.sizeBytes', 'another size than was signed', artifact({ sizeBytes: 999 })),
  drop('version', 'another version than was signed', { ...plain, version: '2.1.1' }),
  drop('sequence', 'another sequence than was signed', { ...plain, sequence: 8 }),
  drop('release', 'another name than was signed', { ...plain, release: 'cam/2.1.1' }),
  drop('floor', 'the sequence is the floor', plain, { floor: 7 }),
  drop('floor', 'the sequence is below the floor, and the version above what runs', plain, { floor: 8 }),
  take('a lower version under a higher sequence', honest({ version: '1.9.0' })),
  take('the lowest version to come from is the one that runs', from('2.0.0')),
  drop('from.min', 'the lowest version to come from is above what runs', from('2.0.1')),
  drop('from.min', 'numbers are compared as numbers', from('2.10.0'), { version: '2.9.0' }),
  drop('from.min', 'a pre-release is below its release', from('2.0.0'), { version: '2.0.0-rc.1' }),
  take('numbers of pre-releases are compared as numbers', from('2.0.0-rc.9'), { version: '2.0.0-rc.10' }),
  take('what a build is called counts for nothing', from('2.0.0+b2'), { version: '2.0.0+b1' }),
  drop('from.min', 'a version that is no SemVer comes from nowhere', from('0.0.1'), {
    version: 'bench build',
  }),
];
