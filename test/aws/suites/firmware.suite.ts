import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { BeginUpload, CompleteUpload, CreateDownloadUrl } from '#shared/contracts/api/firmware.ts';
import {
  addHardware,
  createProduct,
  listProducts,
  listReleases,
  publishRelease,
  revokeRelease,
  showProduct,
} from '../../../cli/actions/releases.ts';
import { showRollout } from '../../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, withdrawSigningKey } from '../../../cli/actions/signing-keys.ts';
import { HARDWARE, PRODUCT } from '../story/maker.ts';
import { WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';
import { SCALED_DOWN } from './releases.suite.ts';

const VERSION = '2.1.0';
const ARTIFACT = { product: PRODUCT, version: VERSION, hardware: HARDWARE };
/** Nobody has it: the rollout of this suite serves no device. */
const SELECTOR = 'tag("nobody")';

/** What a manufacturer does beside releases that go well: products, keys, uploads that meet bad luck, a release that is withdrawn. */
export function describeFirmware({ home, maker }: Parts): void {
  const client = () => maker().client;

  test('a product is made once', async () => {
    const again = createProduct(client(), { product: PRODUCT, hardware: [HARDWARE] });
    await expect(again).rejects.toMatchObject({ status: 409 });
  });

  describe('a release whose upload meets bad luck', () => {
    const bytes = randomBytes(1024 * 1024);

    test(
      'has one upload, when two begin it at the same time',
      async () => {
        const role = home().roleOf('firmware-storage/beginUpload');
        const restore = home().gate.fail((one) => one.role === role);
        await expect(maker().push(VERSION, bytes)).rejects.toMatchObject({ status: 500 });
        restore();
        home().gate.meet((one) => one.role === role && one.operation === 'dynamodb:TransactWriteItems');
        const begin = () => client().call(BeginUpload, { params: ARTIFACT });
        const [one, other] = await Promise.all([begin(), begin()]);
        expect(one.uploadId).toBe(other.uploadId);
      },
      WITHIN_MS,
    );

    test(
      'takes parts of the announced length alone, and goes on where it was, when its last answer was lost',
      async () => {
        const completing = home().roleOf('firmware-storage/completeUpload');
        const judging = home().roleOf('firmware-storage/onFirmwareUploaded');
        const restore = home().gate.fail(
          ({ role, operation }) => role === completing && operation === 'dynamodb:TransactWriteItems',
        );
        const judge = home().gate.fail(({ role }) => role === judging);
        const { uploadId, parts } = await client().call(BeginUpload, { params: ARTIFACT });
        const longer = await maker().reach(parts[0]?.url ?? '', Buffer.concat([bytes, Buffer.alloc(1)]));
        expect(longer.status).toBe(403);
        expect(home().gate.takeRefusal()).toMatchObject({ reason: 'the signature: SignatureDoesNotMatch' });
        const { etag } = await maker().reach(parts[0]?.url ?? '', bytes);
        const body = { uploadId, parts: [{ number: 1, etag }] };
        const complete = () => client().call(CompleteUpload, { params: ARTIFACT, body });
        await expect(complete()).rejects.toMatchObject({ status: 500 });
        restore();
        expect((await complete()).artifacts).toMatchObject([{ state: 'verifying' }]);
        judge();
        expect(await maker().push(VERSION, bytes)).toMatchObject({ state: 'verified' });
      },
      WITHIN_MS,
    );

    test(
      'can be downloaded by its address, and listed',
      async () => {
        const { url } = await client().call(CreateDownloadUrl, { params: ARTIFACT });
        const { status, body } = await maker().reach(url);
        expect([status, body.equals(bytes)]).toEqual([200, true]);
        expect(await listReleases(client(), PRODUCT, 1)).toHaveLength(1);
        expect((await listReleases(client(), PRODUCT, 10)).length).toBeGreaterThan(2);
        expect((await showProduct(client(), PRODUCT)).lastSequence).toBe(3);
        await createProduct(client(), { product: `${PRODUCT}-2`, hardware: [HARDWARE] });
        expect(await listProducts(client(), 1)).toMatchObject([{ product: PRODUCT }]);
        expect(await listProducts(client(), 10)).toMatchObject([
          { product: PRODUCT },
          { product: `${PRODUCT}-2` },
        ]);
      },
      WITHIN_MS,
    );

    test(
      'can be made for a board that its product gets later',
      async () => {
        const hardware = [HARDWARE, `${HARDWARE}2`];
        const widened = await addHardware(client(), { product: PRODUCT, hardware });
        expect(widened.hardware).toEqual(hardware);
      },
      WITHIN_MS,
    );

    test(
      'cannot be signed any more with a key that is withdrawn',
      async () => {
        const { publicKeyPem } = newSigningKey();
        const key = { product: PRODUCT, name: 'leaked' };
        await addSigningKey(client(), { ...key, publicKeyPem });
        const withdrawal = { ...key, reason: 'leaked', leaveNone: false };
        const { keys } = (await withdrawSigningKey(client(), withdrawal)).view;
        expect(keys.map(({ name, withdrawn }) => [name, withdrawn?.reason])).toEqual([
          ['main', undefined],
          ['leaked', 'leaked'],
        ]);
      },
      WITHIN_MS,
    );

    test(
      'takes its rollouts with it when it is withdrawn',
      async () => {
        const which = { product: PRODUCT, version: VERSION };
        await publishRelease(client(), which);
        const stages = [{ name: 'all', percent: '100%' }];
        const holdOut = { share: '1%', for: '1h' };
        const document = { ...SCALED_DOWN, selector: SELECTOR, stages, holdOut };
        const rollout = await maker().rollOut(VERSION, document);
        expect(await showRollout(client(), rollout)).toMatchObject({ holdOut: { share: '1%' } });
        const withdrawn = await revokeRelease(client(), which, 'erases the calibration');
        expect(withdrawn.state).toBe('revoked');
        expect((await showRollout(client(), rollout)).state).toBe('aborted');
      },
      WITHIN_MS,
    );
  });
}
