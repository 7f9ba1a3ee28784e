import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { signManifest } from '#shared/firmware/signature.ts';
import type { SimulatedHost } from '../host/simulated-host.ts';
import type { Operator } from './operator.ts';

/** PKCS#8 of an Ed25519 private key, up to its 32 bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A manufacturer's key pair. It is made from a name, so that every process signs the same bytes the same way. */
export interface SigningKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const made = new Map<string, SigningKeys>();

/** The keys of a manufacturer of that name, made once: worth nothing outside of the simulation. */
export function keysOf(name: string): SigningKeys {
  const keys = made.get(name) ?? makeKeys(name);
  made.set(name, keys);
  return keys;
}

function makeKeys(name: string): SigningKeys {
  const secret = createHash('sha256').update(`simulated manufacturer ${name}`).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** A release that is to be published. */
export interface ReleasePlan {
  readonly tenant: string;
  readonly product: string;
  readonly version: string;
  readonly sequence: number;
  readonly hardware: readonly string[];
  readonly fromMin?: string;
}

/** The bytes of a release for one hardware: short, and different for each. */
const bytesOf = ({ tenant, product, version }: ReleasePlan, hardware: string): Buffer =>
  Buffer.from(`${tenant} ${product} ${version} ${hardware}`);

/** The sha256 of those bytes. */
export const digestOf = (release: ReleasePlan, hardware: string): string =>
  createHash('sha256').update(bytesOf(release, hardware)).digest('hex');

/** The id of a key pair, as the backend names it. */
export const keyIdOf = ({ privateKey }: SigningKeys): string => signManifest(Buffer.of(), privateKey).keyId;

/** Signs a release and uploads it; answers whether the backend has taken it. */
export async function pushRelease(
  plan: ReleasePlan,
  keys: SigningKeys,
  operator: Operator,
  host: () => SimulatedHost,
): Promise<boolean> {
  const { tenant, product, version, sequence, hardware, fromMin } = plan;
  const artifacts = hardware.map((one) => ({
    hardware: one,
    sha256: digestOf(plan, one),
    sizeBytes: bytesOf(plan, one).length,
  }));
  const from = fromMin === undefined ? {} : { from: { min: fromMin } };
  const manifest = Buffer.from(JSON.stringify({ v: 1, product, version, sequence, artifacts, ...from }));
  const body = { manifest: manifest.toString('base64'), signature: signManifest(manifest, keys.privateKey) };
  const created = await operator.insist(tenant, 'POST', '/releases', body);
  if (created.status !== 201) return false;
  for (const one of hardware) {
    const path = `/releases/${product}/${version}/uploads/${one}`;
    const { status, body: upload } = await operator.insist(tenant, 'POST', path);
    // A backup that was restored meanwhile knows nothing of the release.
    if (status !== 201) return false;
    const { headers } = host().fetchUrl({
      method: 'PUT',
      url: upload.parts[0].url,
      body: bytesOf(plan, one),
    });
    const parts = [{ number: 1, etag: headers.etag }];
    await operator.insist(tenant, 'POST', `${path}/complete`, { uploadId: upload.uploadId, parts });
  }
  return true;
}

/** Signs, uploads and publishes a release; resolves once it is published. */
export async function publishRelease(
  plan: ReleasePlan,
  keys: SigningKeys,
  operator: Operator,
  host: () => SimulatedHost,
): Promise<void> {
  await pushRelease(plan, keys, operator, host);
  const { tenant, product, version } = plan;
  for (let state = ''; state !== 'published'; ) {
    await operator.pause(1_000);
    const { body: release } = await operator.insist(
      tenant,
      'POST',
      `/releases/${product}/${version}/publish`,
    );
    state = release?.state ?? '';
  }
}
