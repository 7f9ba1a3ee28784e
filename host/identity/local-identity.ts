import { createHash, type KeyObject } from 'node:crypto';
import type { Identity, IssuedCertificate } from '#shared/capabilities/identity.ts';
import { checkAttributes, checkThing } from '#shared/capabilities/limits/thing-name.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { keyOfSigningRequest } from '#shared/x509/signing-request.ts';
import type { Authority } from './authority.ts';
import type { ThingRegistry } from './thing-registry.ts';

/** What identities of one home are made from. */
export interface LocalIdentityParts {
  readonly authority: Authority;
  readonly registry: ThingRegistry;
  /** `host:port` of the broker, for the devices. */
  readonly endpoint: string;
  /** Ends the connections of a thing one of whose certificates was revoked. */
  readonly onRevoked: (thing: string) => Promise<void>;
}

/** Certificates of devices from the home's own authority. */
export class LocalIdentity implements Identity {
  readonly #parts: LocalIdentityParts;

  constructor(parts: LocalIdentityParts) {
    this.#parts = parts;
  }

  async issue(request: Parameters<Identity['issue']>[0]): Promise<IssuedCertificate> {
    const { thing, attributes, csrPem } = request;
    checkThing(thing);
    checkAttributes(attributes);
    const { authority, registry, endpoint } = this.#parts;
    const keys = await keysFor(csrPem);
    const { der, pem } = authority.signForDevice(thing, keys.publicKey);
    const certificateId = certificateIdOf(der);
    await registry.attach({ thing, attributes, certificateId });
    return {
      certificateId,
      certificatePem: pem,
      ...(keys.privateKey && { privateKeyPem: keyToPem(keys.privateKey) }),
      authorityPem: authority.pem,
      endpoint,
    };
  }

  async revoke(thing: string, certificateId: string): Promise<void> {
    checkThing(thing);
    await this.#parts.registry.revoke(thing, certificateId);
    await this.#parts.onRevoked(thing);
  }
}

/** What a certificate is known by in both homes: the lower-case hex sha256 of its DER (`getPeerCertificate().raw`). */
export function certificateIdOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

async function keysFor(
  csrPem: string | undefined,
): Promise<{ publicKey: KeyObject; privateKey?: KeyObject }> {
  return csrPem === undefined ? newKeyPair() : { publicKey: keyOfSigningRequest(csrPem) };
}
