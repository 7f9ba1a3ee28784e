import { X509Certificate } from 'node:crypto';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** Parses a certificate in PEM; throws `ConfigurationError` that names the file and the `remedy`. */
export function readCertificate(path: string, pem: Buffer, remedy: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigurationError(`${path} holds no certificate in PEM: ${remedy}`, { cause });
  }
}
