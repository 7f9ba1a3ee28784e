import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import { Rounds } from '#host/rounds.ts';
import type { World } from '#shared/world/world.ts';
import { keyToPem } from '#shared/x509/key-pair.ts';
import { alternativeName } from './alternative-name.ts';
import type { Authority } from './authority.ts';
import { forServer } from './certificate-extensions.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';
import { readCertificate } from './read-certificate.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const LIFE_MS = 397 * DAY_MS;
/** Seldom enough to cost nothing, and as long as nobody gets in at most when the clock is put by a year. */
const LOOK_EVERY_MS = HOUR_MS;
/** A certificate with less than this left is renewed. */
const RENEWED_BEFORE_END_MS = 30 * DAY_MS;
/** What a person does about a file that cannot be read. */
const MADE_AGAIN = 'remove it, and the next start makes another';
const ALWAYS = ['localhost', '127.0.0.1', '::1'];

/** What a TLS server presents, as `tls.createServer` and `setSecureContext` take it (PEM). */
export interface ServerCredentials {
  readonly key: string;
  readonly cert: string;
}

/** What a server certificate is made from. */
export interface ServerCertificateOptions {
  /** The authority's directory; `server.key.pem` (mode 0600) and `server.pem` are kept there. */
  readonly directory: string;
  readonly authority: Authority;
  /** Host names and IP addresses of the server besides localhost, 127.0.0.1 and ::1. */
  readonly names: readonly string[];
  readonly world: World;
}

/**
 * The server's key and certificate: the kept ones while they are good for all names and have a month left, else new ones.
 * Throws `ConfigurationError` for a name that is none, or a kept file that cannot be read.
 */
export async function serverCredentials(options: ServerCertificateOptions): Promise<ServerCredentials> {
  const { directory, authority, world } = options;
  const names = [...new Set([...ALWAYS, ...options.names])];
  const extensions = forServer(names.map(alternativeName));
  const keyPath = join(directory, 'server.key.pem');
  const certificatePath = join(directory, 'server.pem');
  const keptKey = await readKeyFile(keyPath, MADE_AGAIN);
  const kept = await readIfPresent(certificatePath);
  if (keptKey && kept) {
    const certificate = readCertificate(certificatePath, kept, MADE_AGAIN);
    if (isGood(certificate, keptKey, { ...options, names })) {
      return { key: keyToPem(keptKey), cert: certificate.toString() };
    }
  }
  // A crash between the two files leaves a certificate of another key, which is not good.
  const key = await makeKeyFile(keyPath);
  const { pem } = authority.sign({
    commonName: 'Evenkeel',
    publicKey: createPublicKey(key),
    notAfterMs: world.now() + LIFE_MS,
    extensions,
  });
  await writeDurably(certificatePath, pem, { mode: 0o644 });
  return { key: keyToPem(key), cert: pem };
}

/** The server's certificate while its host serves. */
export interface ServerCertificateRenewal extends Pick<Rounds, 'idle' | 'stop'> {
  /** When the one that is presented ends, milliseconds since 1970. */
  readonly endsAtMs: number;
  /** Whether the last look failed: it may have to be renewed, and cannot be. */
  readonly hasFailed: boolean;
}

/**
 * Looks now and once an hour whether the certificate has to be renewed, and hands on what is new, for
 * `server.setSecureContext`. Start it with what the server presents now; stop it with the server.
 */
export function renewServerCertificate(
  options: ServerCertificateOptions,
  current: ServerCredentials,
  onRenewed: (credentials: ServerCredentials) => void,
  onFault: (error: unknown) => void,
): ServerCertificateRenewal {
  let presented = current.cert;
  let hasFailed = false;
  const look = async () => {
    const credentials = await serverCredentials(options);
    hasFailed = false;
    if (credentials.cert === presented) return;
    presented = credentials.cert;
    onRenewed(credentials);
  };
  const rounds = new Rounds(options.world, LOOK_EVERY_MS, look, (error) => {
    hasFailed = true;
    onFault(error);
  });
  rounds.start();
  return {
    get endsAtMs() {
      return new X509Certificate(presented).validToDate.getTime();
    },
    get hasFailed() {
      return hasFailed;
    },
    idle: () => rounds.idle(),
    stop: () => rounds.stop(),
  };
}

function isGood(certificate: X509Certificate, key: KeyObject, options: ServerCertificateOptions): boolean {
  return (
    certificate.checkPrivateKey(key) &&
    options.authority.hasSigned(certificate) &&
    options.names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name))) &&
    // One of the future was made while the clock was ahead: nobody would take it until then.
    certificate.validFromDate.getTime() <= options.world.now() &&
    certificate.validToDate.getTime() - options.world.now() > RENEWED_BEFORE_END_MS
  );
}
