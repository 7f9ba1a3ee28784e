import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { UploadView } from '#shared/contracts/api/firmware.ts';
import { ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { portOf } from '#shared/program/port-of.ts';
import { manifestOf, newSigner, signedBody } from './testing/manufacturer.ts';

const IMAGES = {
  'cam-rev-b': Buffer.alloc(9 * 1024 * 1024, 'firmware for b'),
  'cam-rev-c': Buffer.from('firmware for c'),
};
const BUCKET = 'evenkeel-test-firmware-000000000000-local';

/** Serves the host's presigned URLs, which name its public address, on loopback. */
async function serveBuckets(host: TestHost) {
  const server = createServer((request, response) => host.host.buckets.handleHttp(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  return {
    reach: (url: string, init?: RequestInit) =>
      fetch(url.replace('https://localhost:8443', `http://127.0.0.1:${port}`), init),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.each([{ strict: false }, { strict: true }])(
  'the service in its host (strict: $strict)',
  ({ strict }) => {
    let host: TestHost;
    let buckets: Awaited<ReturnType<typeof serveBuckets>>;
    const signer = newSigner();
    beforeEach(async () => {
      host = await startTestHost({ services: ['firmware-storage'], strict });
      buckets = await serveBuckets(host);
    });
    afterEach(async () => {
      await buckets.close();
      await host.stop();
    });

    async function upload(hardware: keyof typeof IMAGES): Promise<void> {
      const path = `/releases/cam/2.1.0/uploads/${hardware}`;
      const [begun, again] = await Promise.all([host.http('POST', path), host.http('POST', path)]);
      expect([begun.status, again.status]).toEqual([201, 201]);
      expect(again.body.uploadId).toBe(begun.body.uploadId);
      const { uploadId, partSizeBytes, parts } = UploadView.parse(begun.body);
      const sent: { readonly number: number; readonly etag: string }[] = [];
      for (const { number, url } of parts) {
        const body = IMAGES[hardware].subarray((number - 1) * partSizeBytes, number * partSizeBytes);
        const answer = await buckets.reach(url, { method: 'PUT', body });
        sent.push({ number, etag: answer.headers.get('etag') ?? '' });
      }
      const completed = await host.http('POST', `${path}/complete`, { uploadId, parts: sent });
      expect(completed.status).toBe(202);
    }

    test('takes a release from its manifest to its revocation, with no more rights than it has', async () => {
      const product = { product: 'cam', hardware: Object.keys(IMAGES) };
      expect((await host.http('POST', '/products', product)).status).toBe(201);
      expect((await host.http('POST', '/products', product)).status).toBe(409);
      const more = { hardware: ['cam-rev-d'] };
      expect((await host.http('POST', '/products/cam/hardware', more)).status).toBe(200);
      const key = { name: 'build', publicKey: signer.publicKey };
      expect((await host.http('POST', '/products/cam/keys', key)).status).toBe(201);
      expect((await host.http('GET', '/products/cam')).body.keys).toHaveLength(1);

      const manifest = JSON.stringify(manifestOf(IMAGES));
      expect((await host.http('POST', '/releases', signedBody(manifest, signer.privateKey))).status).toBe(
        201,
      );
      for (const hardware of ['cam-rev-b', 'cam-rev-c'] as const) await upload(hardware);
      await host.settle();
      const verified = await host.http('GET', '/releases/cam/2.1.0');
      expect(verified.body).toMatchObject({ state: 'verified' });
      expect((await host.http('GET', '/products/cam/releases')).body.releases).toEqual([verified.body]);
      expect((await host.http('GET', '/products')).body.products).toMatchObject([{ product: 'cam' }]);

      const asked = await host.http('POST', '/releases/cam/2.1.0/artifacts/cam-rev-b/url');
      const bytes = await (await buckets.reach(asked.body.url)).arrayBuffer();
      expect(Buffer.from(bytes).equals(IMAGES['cam-rev-b'])).toBe(true);

      expect((await host.http('POST', '/releases/cam/2.1.0/publish')).body).toMatchObject({
        state: 'published',
      });
      const revoked = await host.http('POST', '/releases/cam/2.1.0/revoke', { reason: 'smoke' });
      expect(revoked.body).toMatchObject({ state: 'revoking' });
      const path = `/products/cam/keys/${keyIdOf(signer.publicKey)}/withdraw`;
      expect((await host.http('POST', path, { reason: 'smoke', leaveNone: true })).status).toBe(200);
      // A strict bus leaves some events for the next try, and delivers some twice.
      await host.advance(60_000);
      expect(new Set(host.events.map(({ type }) => type))).toEqual(
        new Set(['ReleasePublished', 'ReleaseRevoked']),
      );
      const [example] = ReleaseWithdrawn.examples;
      await host.invoke('onReleaseWithdrawn', {
        source: ReleaseWithdrawn.source,
        'detail-type': ReleaseWithdrawn.type,
        detail: { ...example, product: 'cam', version: '2.1.0', sequence: 1 },
      });
      expect((await host.http('GET', '/releases/cam/2.1.0')).body).toMatchObject({
        state: 'revoked',
        reason: 'smoke',
      });
      // The last decision is sealed alone; those above came several at once.
      await host.advance(60_000);
      expect((await host.http('GET', '/products/cam/audit')).body.entries.length).toBeGreaterThan(1);
      expect((await host.http('GET', '/audit/seals/products')).body.seals.length).toBeGreaterThan(1);
      expect(await host.deadLetters()).toEqual([]);
      const unused = host.unusedRights().filter((right) => right.startsWith('firmware-storage-test-'));
      expect(unused).toEqual([
        // One product alone is read with GetItem.
        expect.stringContaining('listProducts: dynamodb:BatchGetItem on'),
        // S3 answers 403 instead of 404 without it.
        expect.stringContaining('onFirmwareUploaded: s3:ListBucket on'),
        // One release alone is read with GetItem.
        expect.stringContaining('listReleases: dynamodb:BatchGetItem on'),
      ]);
    });

    test('leaves what a newer version keeps of releases and keys as it is', async () => {
      const table = host.table('firmware');
      const [product, release] = ['product', 'release#2.1.0'].map((sk) => ({ pk: 'P#acme#cam', sk }));
      const rowOf = async (key = { pk: '', sk: '' }) =>
        (await table.get([key], { consistent: true }))[0] ?? {};
      /** As that version writes it: one attribute more, and one more in each element of that list. */
      const addTo = async (key = { pk: '', sk: '' }, list = '') => {
        const elements = z.array(z.looseObject({})).parse((await rowOf(key))[list]);
        const set = z.record(z.string(), z.json()).parse({
          region: 'eu',
          [list]: elements.map((one) => ({ ...one, region: 'eu' })),
        });
        await table.write({ update: key, set });
      };
      const { 'cam-rev-c': image } = IMAGES;
      await host.http('POST', '/products', { product: 'cam', hardware: ['cam-rev-c'] });
      await host.http('POST', '/products/cam/keys', { name: 'build', publicKey: signer.publicKey });
      const manifest = JSON.stringify(manifestOf({ 'cam-rev-c': image }));
      await host.http('POST', '/releases', signedBody(manifest, signer.privateKey));
      await addTo(product, 'keys');
      await addTo(release, 'artifacts');

      await host.host.buckets.of(BUCKET).bucket.put('uploads/acme/cam/2.1.0/cam-rev-c', image);
      await host.settle();
      await host.http('POST', `/products/cam/keys/${keyIdOf(signer.publicKey)}/withdraw`, {
        reason: 'smoke',
        leaveNone: true,
      });
      const kept = { region: 'eu' };
      expect(await rowOf(release)).toMatchObject({
        state: 'verified',
        ...kept,
        artifacts: [{ state: 'verified', ...kept }],
      });
      expect(await rowOf(product)).toMatchObject({
        ...kept,
        keys: [{ withdrawn: { reason: 'smoke' }, ...kept }],
      });
    });

    test('rejects what is not as signed, and keeps nothing of it', async () => {
      await host.http('POST', '/products', { product: 'cam', hardware: Object.keys(IMAGES) });
      await host.http('POST', '/products/cam/keys', { name: 'build', publicKey: signer.publicKey });
      await host.http('POST', '/releases', signedBody(JSON.stringify(manifestOf(IMAGES)), signer.privateKey));
      const { bucket } = host.host.buckets.of(BUCKET);
      await bucket.put('uploads/acme/cam/2.1.0/cam-rev-c', IMAGES['cam-rev-b']);
      await host.settle();
      const { body } = await host.http('GET', '/releases/cam/2.1.0');
      expect(body).toMatchObject({
        state: 'rejected',
        reason: expect.stringContaining('those for cam-rev-b'),
      });
      expect((await bucket.list('', { limit: 10 })).objects).toEqual([]);
    });
  },
);
