import { join } from 'node:path';
import type { Signer } from '#shared/capabilities/signer.ts';
import { AccessTokens } from '../access/access-tokens.ts';
import { hadTokens } from '../files/whole-directory.ts';
import { type Authority, openAuthority } from '../identity/authority.ts';
import { checkAuthority, checkSealKey, KEYS_TABLE } from '../identity/bound-keys.ts';
import { openSigner } from '../identity/local-signer.ts';
import {
  type ServerCertificateOptions,
  type ServerCredentials,
  serverCredentials,
} from '../identity/server-certificate.ts';
import type { EmbeddedStore } from '../store/embedded-store.ts';
import type { ServeOptions } from './serve-options.ts';

/** What a host proves with who it is, and knows people and devices by. */
export interface HomeSecrets {
  readonly authority: Authority;
  /** What its certificate is made from, again and again. */
  readonly certificate: ServerCertificateOptions;
  /** The certificate that it presents first. */
  readonly credentials: ServerCredentials;
  readonly tokens: AccessTokens;
  /** What seals the audit logs. */
  readonly signer: Signer;
  /** Where tokens and keys lie that are not the authority's. */
  readonly directory: string;
  /** What whoever starts the host must know of them, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Opens authority, certificate, tokens and the sealing key, and makes what is not there yet. Throws `ConfigurationError` for what cannot be read,
 * has ended, or is not of the host whose database it is.
 */
export async function openSecrets(
  options: Pick<ServeOptions, 'directory' | 'name' | 'tenant' | 'world' | 'newSealKey'>,
  store: Pick<EmbeddedStore, 'hasTable' | 'table'>,
): Promise<HomeSecrets> {
  const { directory: home, name, tenant, world } = options;
  const authorityDirectory = join(home, 'authority');
  const directory = join(home, 'secrets');
  const warnings: string[] = [];
  const authority = await openAuthority(authorityDirectory, world);
  const keys = store.table(KEYS_TABLE);
  await checkAuthority(keys, authority, authorityDirectory);
  const ending = authority.endWarning();
  if (ending !== undefined) warnings.push(ending);
  const signer = await openSigner(directory);
  const sealKey = { path: join(directory, 'seal.key'), accepted: options.newSealKey };
  warnings.push(...(await checkSealKey(keys, signer, sealKey)));
  const certificate = { directory: authorityDirectory, authority, names: [name], world };
  const credentials = await serverCredentials(certificate);
  const hadSome = hadTokens((table) => store.hasTable(table));
  const tokens = await AccessTokens.open(directory, { tenant, world });
  if (tokens.isBegun && hadSome)
    warnings.push(
      `secrets/tokens.json was missing: nobody's token holds any more; a new one of the admin of ${tenant} is in secrets/admin.token`,
    );
  return { authority, certificate, credentials, tokens, signer, directory, warnings };
}
