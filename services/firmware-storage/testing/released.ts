import type { TestCaller, TestHost } from '#host/testing/test-host.ts';
import { manifestOf, newSigner, signedBody } from './manufacturer.ts';

const BUCKET = 'evenkeel-test-firmware-000000000000-local';
const IMAGES = { 'cam-rev-b': Buffer.from('firmware for b') };

/** Makes the product `cam` with a key, and its release 2.1.0, published: five decisions, one of them without a person. */
export async function releaseCam(host: TestHost, caller: TestCaller = {}): Promise<void> {
  const { publicKey, privateKey } = newSigner();
  const steps: readonly (readonly [path: string, body?: unknown])[] = [
    ['/products', { product: 'cam', hardware: Object.keys(IMAGES) }],
    ['/products/cam/keys', { name: 'build', publicKey }],
    ['/releases', signedBody(JSON.stringify(manifestOf(IMAGES)), privateKey)],
  ];
  const post = async (path: string, body?: unknown) => {
    const { status, body: answer } = await host.http('POST', path, body, caller);
    if (status >= 400) throw new Error(`${path} answered ${status}: ${JSON.stringify(answer)}`);
    // An audit log is in the order of its milliseconds.
    await host.advance(1);
  };
  for (const [path, body] of steps) await post(path, body);
  const { bucket } = host.host.buckets.of(BUCKET);
  await bucket.put(`uploads/${caller.tenant ?? 'acme'}/cam/2.1.0/cam-rev-b`, IMAGES['cam-rev-b']);
  await host.settle();
  await host.advance(1);
  await post('/releases/cam/2.1.0/publish');
}
