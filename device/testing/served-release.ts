import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { Backend } from '#device/fleet/fleet.ts';
import { readHostDirectory } from '#device/fleet/host-directory.ts';
import type { ServedHost } from '#host/testing/served-host.ts';
import { signManifest } from '#shared/firmware/signature.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';

const LOOK_MS = 20;
const MOST_LOOKS_MS = 100_000;

/** A product with one published release on a served host. */
export interface ServedRelease {
  readonly backend: Backend;
  readonly product: string;
  readonly hardware: string;
  readonly version: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly publicKeyPem: string;
}

/** Publishes a release of those bytes, as a manufacturer does, through the API. */
export async function publishRelease(host: ServedHost, bytes: Uint8Array): Promise<ServedRelease> {
  const [product, hardware, version] = ['cam', 'cam-rev-b', '1.1.0'];
  const key = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const artifacts = [{ hardware, sha256, sizeBytes: bytes.length }];
  const manifest = Buffer.from(JSON.stringify({ v: 1, product, version, sequence: 2, artifacts }));
  await call(host, 'POST', '/products', { product, hardware: [hardware] });
  await call(host, 'POST', `/products/${product}/keys`, { name: 'main', publicKey: key.publicKey });
  const signature = signManifest(manifest, key.privateKey);
  await call(host, 'POST', '/releases', { manifest: manifest.toString('base64'), signature });
  const at = `/releases/${product}/${version}`;
  const upload = await call(host, 'POST', `${at}/uploads/${hardware}`);
  const authority = await readFile(host.serving.file.authority, 'utf8');
  const parts: { number: number; etag: string }[] = [];
  for (const { number, url } of upload.parts) {
    const from = (number - 1) * upload.partSizeBytes;
    const etag = await put(url, bytes.subarray(from, from + upload.partSizeBytes), authority);
    parts.push({ number, etag });
  }
  await call(host, 'POST', `${at}/uploads/${hardware}/complete`, { uploadId: upload.uploadId, parts });
  await until(async () => (await call(host, 'GET', at)).state === 'verified', `${at} is verified`);
  await call(host, 'POST', `${at}/publish`);
  const backend = await readHostDirectory(host.directory);
  return {
    backend,
    product,
    hardware,
    version,
    sha256,
    sizeBytes: bytes.length,
    publicKeyPem: key.publicKey,
  };
}

/** Calls the API and answers what it says. Throws for any answer that is no success. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers whose shape their contract has fixed
export async function call(host: ServedHost, method: string, target: string, body?: unknown): Promise<any> {
  const answer = await host.https(method, target, body === undefined ? {} : { body: JSON.stringify(body) });
  if (answer.status >= 300)
    throw new Error(`${method} ${target} was answered ${answer.status}: ${answer.text}`);
  return answer.text === '' ? undefined : JSON.parse(answer.text);
}

/** Looks again and again, with what else there is to do in between. Throws after `MOST_LOOKS_MS`. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = realWorld.monotonicMs() + MOST_LOOKS_MS;
  while (!(await isSo())) {
    if (realWorld.monotonicMs() > endMs) throw new Error(`it never came to that: ${what}`);
    await pause(realWorld, LOOK_MS);
  }
}

function put(url: string, bytes: Uint8Array, ca: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(url, {
    method: 'PUT',
    agent: new Agent({ ca }),
    headers: { 'content-length': bytes.length },
  });
  asked.on('error', reject);
  asked.on('response', (response) => {
    response.resume().on('end', () => resolve(String(response.headers.etag)));
  });
  asked.end(bytes);
  return promise;
}
