import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { nameOf } from '#shared/x509/name.ts';
import { toPem } from '#shared/x509/pem.ts';
import { type CertificateContent, signCertificate, subjectOf } from './certificate.ts';
import { forAuthority, forDevice, keyIdentifier, keyIdentifiers } from './certificate-extensions.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';
import { readCertificate } from './read-certificate.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_LIFE_MS = 30 * 365 * DAY_MS;
/** Bringing new identities to a fleet takes long: each device is touched. */
const END_TOLD_BEFORE_MS = 2 * 365 * DAY_MS;
/** Devices are in the field for longer than anyone plans; AWS IoT gives their certificates this end too. */
const DEVICE_END_MS = Date.UTC(2049, 11, 31, 23, 59, 59);
/** Clocks of devices and servers differ. */
const BACKDATED_MS = DAY_MS;

/** A certificate and what it is known by. */
export interface SignedCertificate {
  readonly der: Buffer;
  readonly pem: string;
}

/** What the caller decides of a certificate that the authority signs. */
export interface CertificateRequest
  extends Pick<CertificateContent, 'commonName' | 'notAfterMs' | 'extensions'> {
  readonly publicKey: KeyObject;
}

/**
 * The home's own certificate authority, kept in `directory` (mode 0700) as `ca.key.pem` (0600) and `ca.pem`. Made when there
 * is none. Throws `ConfigurationError` when what is there does not fit together or has ended: a new authority would lock
 * every device out, so only a person may remove it.
 */
export async function openAuthority(directory: string, world: World): Promise<Authority> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o700);
  const keyPath = join(directory, 'ca.key.pem');
  const certificatePath = join(directory, 'ca.pem');
  const found = await readIfPresent(certificatePath);
  const keptKey = await readKeyFile(keyPath, 'put the file back from a backup');
  if (found !== undefined) {
    const certificate = readCertificate(
      certificatePath,
      found,
      'remove it, and the next start makes it again from ca.key.pem',
    );
    if (keptKey === undefined || !certificate.checkPrivateKey(keptKey)) {
      throw new ConfigurationError(
        `${keyPath} does not hold the key of ${certificatePath}: put both back from the same backup`,
      );
    }
    if (certificate.validToDate.getTime() <= world.now()) {
      const says = new Date(world.now()).toISOString();
      throw new ConfigurationError(
        `${certificatePath} has ended on ${certificate.validTo}, and the clock of this machine says ${says}: set it where it is wrong; ` +
          'else no device trusts this host any more, and each needs a new identity from a new data directory',
      );
    }
    if (certificate.validFromDate.getTime() > world.now()) {
      const says = new Date(world.now()).toISOString();
      throw new ConfigurationError(
        `the clock of this machine says ${says}, before ${certificatePath} began (${certificate.validFrom}): set it, then start again`,
      );
    }
    return new Authority(certificate, keptKey, world);
  }
  // The key is kept first: all that a crash can leave is a key, and the same authority is made of it.
  const key = keptKey ?? (await makeKeyFile(keyPath));
  const pem = selfSigned(key, world);
  await writeDurably(certificatePath, pem, { mode: 0o644 });
  return new Authority(new X509Certificate(pem), key, world);
}

/** Signs certificates of devices and of the home's server. */
export class Authority {
  /** What devices check the home's server against. */
  readonly pem: string;
  readonly #certificate: X509Certificate;
  readonly #name: Uint8Array;
  readonly #key: KeyObject;
  readonly #keyIdentifier: Uint8Array;
  readonly #world: World;

  /** For `openAuthority`. */
  constructor(certificate: X509Certificate, key: KeyObject, world: World) {
    this.pem = certificate.toString();
    this.#certificate = certificate;
    this.#name = subjectOf(certificate.raw);
    this.#key = key;
    this.#keyIdentifier = keyIdentifier(keyInfoOf(certificate.publicKey));
    this.#world = world;
  }

  /**
   * A certificate for a device's key. It begins with the authority: from the present, those that were made while the clock was ahead would be
   * turned away once it is put back. Whether it is in force says the registry.
   */
  signForDevice(commonName: string, publicKey: KeyObject): SignedCertificate {
    const notBeforeMs = this.#certificate.validFromDate.getTime();
    return this.sign(
      { commonName, publicKey, notAfterMs: DEVICE_END_MS, extensions: forDevice() },
      notBeforeMs,
    );
  }

  /** A certificate that begins a day ago unless told (milliseconds since 1970), and ends no later than the authority. */
  sign(
    request: CertificateRequest,
    notBeforeMs: number = this.#world.now() - BACKDATED_MS,
  ): SignedCertificate {
    const { commonName, publicKey, extensions } = request;
    const keyInfo = keyInfoOf(publicKey);
    const content = {
      commonName,
      keyInfo,
      notAfterMs: Math.min(request.notAfterMs, this.#certificate.validToDate.getTime()),
      notBeforeMs,
      serial: this.#world.randomBytes(16),
      extensions: [...extensions, ...keyIdentifiers(keyIdentifier(keyInfo), this.#keyIdentifier)],
    };
    const der = signCertificate(content, { name: this.#name, key: this.#key });
    return { der, pem: toPem('CERTIFICATE', der) };
  }

  /** When it ends, and with it every certificate that it has signed; milliseconds since 1970. */
  get endsAtMs(): number {
    return this.#certificate.validToDate.getTime();
  }

  /** What who starts the home must know of the authority's end, one sentence; `undefined` while that is years away. */
  endWarning(): string | undefined {
    const { validToDate } = this.#certificate;
    const nowMs = this.#world.now();
    if (validToDate.getTime() - nowMs > END_TOLD_BEFORE_MS) return undefined;
    const [end, says] = [validToDate.toISOString(), new Date(nowMs).toISOString()];
    return (
      `authority/ca.pem ends on ${end}, and this machine says that it is ${says}: set the clock where that is wrong; ` +
      'else begin to register devices with a new data directory, because none trusts this host after that day'
    );
  }

  /** Whether this authority signed that certificate. */
  hasSigned(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.#certificate) && certificate.verify(this.#certificate.publicKey);
  }
}

function selfSigned(key: KeyObject, world: World): string {
  const keyInfo = keyInfoOf(createPublicKey(key));
  const identifier = keyIdentifier(keyInfo);
  // Named after its key: two homes have two names, and a lost certificate is made again under the same one.
  const commonName = `Evenkeel authority ${identifier.toString('hex', 0, 4)}`;
  const content = {
    commonName,
    keyInfo,
    notBeforeMs: world.now() - BACKDATED_MS,
    notAfterMs: world.now() + AUTHORITY_LIFE_MS,
    serial: world.randomBytes(16),
    extensions: [...forAuthority(), ...keyIdentifiers(identifier, identifier)],
  };
  return toPem('CERTIFICATE', signCertificate(content, { name: nameOf(commonName), key }));
}

function keyInfoOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
