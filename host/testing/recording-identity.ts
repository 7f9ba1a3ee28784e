import { createHash } from 'node:crypto';
import type { Identity, IssuedCertificate } from '#shared/capabilities/identity.ts';

/** Certificates in name only, remembered: for tests that connect nobody. */
export class RecordingIdentity implements Identity {
  readonly issued: (Parameters<Identity['issue']>[0] & { readonly certificateId: string })[] = [];
  readonly revoked: { readonly thing: string; readonly certificateId: string }[] = [];

  async issue(request: Parameters<Identity['issue']>[0]): Promise<IssuedCertificate> {
    const certificateId = certificateIdOf(request.thing, this.issued.length);
    this.issued.push({ ...request, certificateId });
    const pem = (what: string) => `-----BEGIN ${what}-----\n${certificateId}\n-----END ${what}-----\n`;
    return {
      certificateId,
      certificatePem: pem('CERTIFICATE'),
      ...(request.csrPem === undefined && { privateKeyPem: pem('PRIVATE KEY') }),
      authorityPem: pem('CERTIFICATE'),
      endpoint: 'localhost:8883',
    };
  }

  async revoke(thing: string, certificateId: string): Promise<void> {
    this.revoked.push({ thing, certificateId });
  }
}

/** What the certificate of a thing is called here when nobody has issued one. */
export function certificateIdOf(thing: string, serial = 0): string {
  return createHash('sha256').update(`${thing}#${serial}`).digest('hex');
}
