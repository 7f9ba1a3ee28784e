import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NotFoundError } from '#shared/errors/errors.ts';
import type { Identity } from '../identity.ts';
import { FORGED_REQUEST, SIGNING_REQUESTS, WEAK_REQUEST } from './signing-requests.ts';

/** Identities of a home, for one test. */
export interface OpenIdentity {
  readonly identity: Identity;
  /** Whether a certificate that was issued is still in force, as the home that keeps it says. */
  isInForce(certificateId: string): boolean;
  close(): Promise<void>;
}

const THING = 'acme:cam-1';
const ATTRIBUTES = { tenant: 'acme', product: 'cam', hardware: 'cam-rev-b' };

/** What every implementation of `Identity` must do; `open` is called before each test. */
export function describeIdentity(name: string, open: () => Promise<OpenIdentity>): void {
  describe(`${name} as identity`, () => {
    let opened: OpenIdentity;
    let identity: Identity;
    beforeEach(async () => {
      opened = await open();
      identity = opened.identity;
    });
    afterEach(() => opened.close());

    const issue = (csrPem?: string) =>
      identity.issue({ thing: THING, attributes: ATTRIBUTES, ...(csrPem === undefined ? {} : { csrPem }) });

    test('hands out a certificate, its private key, and what to check the broker against', async () => {
      const issued = await issue();
      const certificate = new X509Certificate(issued.certificatePem);
      expect(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem ?? ''))).toBe(true);
      expect(new X509Certificate(issued.authorityPem).ca).toBe(true);
      expect(issued.endpoint).toMatch(/^.+:\d+$/);
    });

    test('names a certificate by the sha256 of its DER', async () => {
      const { certificateId, certificatePem } = await issue();
      const { fingerprint256 } = new X509Certificate(certificatePem);
      expect(certificateId).toBe(fingerprint256.replaceAll(':', '').toLowerCase());
    });

    test('gives a thing another certificate each time', async () => {
      const first = await issue();
      const second = await issue();
      expect(second.certificateId).not.toBe(first.certificateId);
      expect(second.privateKeyPem).not.toBe(first.privateKeyPem);
    });

    test.each(Object.entries(SIGNING_REQUESTS))(
      'certifies the key of a signing request (%s), and keeps no private key',
      async (_, { pem, publicKeyPem }) => {
        const issued = await issue(pem);
        expect(issued.privateKeyPem).toBeUndefined();
        const certificate = new X509Certificate(issued.certificatePem);
        expect(certificate.publicKey.equals(createPublicKey(publicKeyPem))).toBe(true);
      },
    );

    test('takes neither the subject nor the names of a signing request', async () => {
      const { subject, subjectAltName } = new X509Certificate(
        (await issue(SIGNING_REQUESTS.p256.pem)).certificatePem,
      );
      expect(`${subject} ${subjectAltName}`).not.toMatch(/another|Nobody|evil/);
    });

    test.each([
      ['that was changed after it was signed', FORGED_REQUEST],
      ['for a key that is too weak', WEAK_REQUEST],
      ['that is empty', ''],
      ['that is no PEM', 'hello'],
      ['of another kind', SIGNING_REQUESTS.p256.publicKeyPem],
      ['that was cut', SIGNING_REQUESTS.p256.pem.replace(/\n.*\n-----END/, '\n-----END')],
      ['that is far too long', SIGNING_REQUESTS.p256.pem + '\n'.repeat(100_000)],
    ])('refuses a signing request %s, and names it as the API does', async (_, pem) => {
      const refusal = { name: 'RefusedError', field: 'csr' };
      await expect(issue(pem)).rejects.toMatchObject(refusal);
    });

    test('revokes that certificate alone, and again', async () => {
      const { certificateId } = await issue();
      const other = await issue();
      expect(opened.isInForce(certificateId)).toBe(true);
      for (let times = 0; times < 2; times += 1) {
        await identity.revoke(THING, certificateId);
        expect(opened.isInForce(certificateId)).toBe(false);
      }
      expect(opened.isInForce(other.certificateId)).toBe(true);
    });

    test('takes the attributes that AWS IoT takes of a thing without a type, and no fourth', async () => {
      const issued = identity.issue({ thing: THING, attributes: { ...ATTRIBUTES, line: 'a' } });
      await expect(issued).rejects.toThrow('attributes: must be at most 3');
      expect(await issue()).toMatchObject({ certificateId: expect.any(String) });
    });

    test('revokes no certificate that the thing does not have', async () => {
      const { certificateId } = await issue();
      await expect(identity.revoke(THING, '0'.repeat(64))).rejects.toBeInstanceOf(NotFoundError);
      expect(opened.isInForce(certificateId)).toBe(true);
    });
  });
}
