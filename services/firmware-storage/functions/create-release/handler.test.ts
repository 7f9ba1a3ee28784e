import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FirmwareHome, openFirmwareHome } from '../../testing/firmware-home.ts';
import { Manufacturer, manifestOf, newSigner, signedBody } from '../../testing/manufacturer.ts';
import { handler as createProduct } from '../create-product/handler.ts';
import { handler as getProduct } from '../get-product/handler.ts';
import { handler } from './handler.ts';

const IMAGES = { 'cam-rev-b': Buffer.from('image b'), 'cam-rev-c': Buffer.from('image c') };
const TEXT = JSON.stringify(manifestOf(IMAGES, { sequence: 7 }));

describe('creating a release', () => {
  let home: FirmwareHome;
  let ada: Manufacturer;
  const create = (text: string, privateKey = ada.signer.privateKey) =>
    ada.call(handler, { body: signedBody(text, privateKey) });
  const lastSequence = async () => (await ada.call(getProduct, { params: { product: 'cam' } })).answer;
  beforeEach(async () => {
    home = await openFirmwareHome();
    ada = new Manufacturer(home);
    await ada.makeProduct();
  });
  afterEach(() => home.close());

  test('answers a draft that waits for the artifacts that the manifest promises', async () => {
    const { artifacts } = manifestOf(IMAGES);
    expect(await create(TEXT)).toMatchObject({
      status: 201,
      answer: {
        release: 'cam/2.1.0',
        state: 'draft',
        sequence: 7,
        artifacts: artifacts.map((artifact) => ({ ...artifact, state: 'awaiting-upload' })),
      },
    });
  });

  test('keeps the signed bytes as they came, and takes the sequence, in one transaction with its audit entry', async () => {
    const spaced = JSON.stringify(manifestOf(IMAGES, { sequence: 7, from: { min: '1.0.0' } }), null, 1);
    await create(spaced);
    const [row] = home.written('release#');
    expect(Buffer.from(String(row?.manifest), 'base64').toString()).toBe(spaced);
    expect(row).toMatchObject({ fromMin: '1.0.0' });
    expect(await lastSequence()).toMatchObject({ lastSequence: 7 });
    expect(home.written('audit#').at(-1)).toMatchObject({
      action: 'create-release',
      actor: 'operator:ada',
      after: { version: '2.1.0', sequence: 7, state: 'draft' },
    });
  });

  test('refuses a product that does not exist, or is not of this tenant', async () => {
    const other = await create(TEXT.replace('"cam"', '"tv"'));
    expect(other).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
    const body = signedBody(TEXT, ada.signer.privateKey);
    const foreign = await ada.call(handler, { body, claims: { tenant: 'other' } });
    expect(foreign).toMatchObject({ status: 404, answer: { error: { field: 'product' } } });
  });

  test('refuses a signature by a key that is not of this product', async () => {
    const stranger = newSigner().privateKey;
    expect(await create(TEXT, stranger)).toMatchObject({
      status: 400,
      answer: { error: { field: 'signature.keyId' } },
    });
    const { keyId } = signedBody(TEXT, ada.signer.privateKey).signature;
    const body = signedBody(TEXT, stranger);
    const renamed = await ada.call(handler, { body: { ...body, signature: { ...body.signature, keyId } } });
    expect(renamed).toMatchObject({ status: 400, answer: { error: { field: 'signature.value' } } });
  });

  test('refuses a signature over other bytes, even if they say the same', async () => {
    const { signature } = signedBody(TEXT, ada.signer.privateKey);
    const { manifest } = signedBody(`${TEXT} `, ada.signer.privateKey);
    const reply = await ada.call(handler, { body: { manifest, signature } });
    expect(reply).toMatchObject({ status: 400, answer: { error: { field: 'signature.value' } } });
  });

  test('refuses the key of another product of the same tenant', async () => {
    const body = { product: 'tv', hardware: ['cam-rev-b', 'cam-rev-c'] };
    await ada.call(createProduct, { body });
    expect(await create(TEXT.replace('"cam"', '"tv"'))).toMatchObject({
      status: 400,
      answer: { error: { field: 'signature.keyId' } },
    });
  });

  test.each([
    ['version', 'a version that is no SemVer', TEXT.replace('2.1.0', '2.1')],
    ['version', 'a version with a v', TEXT.replace('2.1.0', 'v2.1.0')],
    // As `$(cat VERSION)` makes of a file with lines that end with CR and LF.
    ['version', 'a version and the end of its line', TEXT.replace('2.1.0', '2.1.0\\r')],
    ['version', 'a version and a space that breaks no line', TEXT.replace('2.1.0', '2.1.0\u00a0')],
    [
      'artifacts.1.hardware',
      'hardware that the product does not have',
      TEXT.replace('cam-rev-c', 'tv-rev-a'),
    ],
    ['artifacts', 'one hardware twice', TEXT.replace('cam-rev-c', 'cam-rev-b')],
    ['artifacts.0.sha256', 'no digest', TEXT.replace(/[0-9a-f]{64}/, 'ff')],
    ['artifacts.0.sizeBytes', 'an empty artifact', TEXT.replace('"sizeBytes":7', '"sizeBytes":0')],
    ['artifacts.0.sizeBytes', 'more than 2 GiB', TEXT.replace('"sizeBytes":7', '"sizeBytes":2147483649')],
    ['sequence', 'sequence 0', TEXT.replace('"sequence":7', '"sequence":0')],
    ['note', 'a field that nobody reads', TEXT.replace('{', '{"note":"x",')],
    ['manifest', 'a field twice', TEXT.replace('{', '{"v":1,')],
    ['manifest', 'no JSON', 'firmware'],
  ])('refuses by the field %s what has %s, and keeps nothing', async (field, _, text) => {
    expect(await create(text)).toMatchObject({ status: 400, answer: { error: { field } } });
    expect(home.written('release#')).toEqual([]);
    expect(await lastSequence()).toMatchObject({ lastSequence: 0 });
  });

  test('refuses a sequence that is not above the last', async () => {
    await create(TEXT);
    for (const sequence of [7, 6]) {
      const reply = await create(JSON.stringify(manifestOf(IMAGES, { version: '2.2.0', sequence })));
      expect(reply).toMatchObject({ status: 409, answer: { error: { field: 'sequence' } } });
    }
    const next = await create(JSON.stringify(manifestOf(IMAGES, { version: '2.2.0', sequence: 8 })));
    expect(next.status).toBe(201);
  });

  const createAs = async (version: string, sequence: number) =>
    (await create(JSON.stringify(manifestOf(IMAGES, { version, sequence })))).status;

  test('refuses a sequence so high that soon none could follow it, and says which the next one is', async () => {
    await create(TEXT);
    const reply = await create(
      JSON.stringify(manifestOf(IMAGES, { version: '2.2.0', sequence: 2_147_483_647 })),
    );
    expect(reply).toMatchObject({ status: 409, answer: { error: { field: 'sequence' } } });
    expect(JSON.stringify(reply.answer)).toMatch(/at most \d+ today.*the next one is 8/);
    expect(await lastSequence()).toMatchObject({ lastSequence: 7 });
  });

  test('takes whatever is a date of today for a sequence, and what is not far above the last', async () => {
    const nowMs = home.world.now();
    const day = Number(new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', ''));
    await create(TEXT);
    expect(await createAs('2.2.0', day)).toBe(201);
    expect(await createAs('2.3.0', Math.floor(nowMs / 1000))).toBe(201);
    const last = day * 100 + 99;
    expect(await createAs('2.4.0', last)).toBe(201);
    expect(await createAs('2.5.0', last + 1_000_001)).toBe(409);
    expect(await createAs('2.5.0', last + 1_000_000)).toBe(201);
  });

  test('refuses a version that a release has, whatever its sequence', async () => {
    await create(TEXT);
    for (const sequence of [7, 8]) {
      const reply = await create(JSON.stringify(manifestOf(IMAGES, { sequence })));
      expect(reply).toMatchObject({ status: 409, answer: { error: { field: 'version' } } });
    }
    expect(await lastSequence()).toMatchObject({ lastSequence: 7 });
  });

  test('takes an older version with a higher sequence: a signed way back', async () => {
    await create(TEXT);
    const reply = await create(JSON.stringify(manifestOf(IMAGES, { version: '2.0.0', sequence: 8 })));
    expect(reply.status).toBe(201);
  });

  test('gives a sequence to one of two releases that want it at once, and none is ever taken twice', async () => {
    const facts = ['2.1.0', '2.1.1', '2.2.0'].map((version) => ({ version, sequence: 7 }));
    const replies = await Promise.all(facts.map((one) => create(JSON.stringify(manifestOf(IMAGES, one)))));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(home.written('release#')).toHaveLength(1);
    expect(home.written('sequence#')).toHaveLength(1);
  });

  test('decides again when another release was made between its reading and its writing', async () => {
    let isFirst = true;
    home.beforeWrite = async () => {
      if (!isFirst) return;
      isFirst = false;
      await create(JSON.stringify(manifestOf(IMAGES, { version: '2.0.9', sequence: 9 })));
    };
    expect(await create(TEXT)).toMatchObject({ status: 409, answer: { error: { field: 'sequence' } } });
    expect(await lastSequence()).toMatchObject({ lastSequence: 9 });
  });

  test('is for manufacturers only', async () => {
    const body = signedBody(TEXT, ada.signer.privateKey);
    expect((await ada.call(handler, { body, claims: { role: 'operator' } })).status).toBe(403);
  });
});
