import { join } from 'node:path';
import { AccessTokens } from '../access/access-tokens.ts';
import { hadTokens } from '../files/whole-directory.ts';
import { type Authority, openAuthority } from '../identity/authority.ts';
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
  /** Where tokens and keys lie that are not the authority's. */
  readonly directory: string;
  /** What whoever starts the host must know of them, one sentence each. */
  readonly warnings: readonly string[];
}

/** Opens authority, certificate and tokens, and makes what is not there yet. Throws `ConfigurationError` for what cannot be read or has ended. */
export async function openSecrets(
  { directory: home, name, tenant, world }: Pick<ServeOptions, 'directory' | 'name' | 'tenant' | 'world'>,
  store: Pick<EmbeddedStore, 'hasTable'>,
): Promise<HomeSecrets> {
  const authorityDirectory = join(home, 'authority');
  const directory = join(home, 'secrets');
  const warnings: string[] = [];
  const authority = await openAuthority(authorityDirectory, world);
  const ending = authority.endWarning();
  if (ending !== undefined) warnings.push(ending);
  const certificate = { directory: authorityDirectory, authority, names: [name], world };
  const credentials = await serverCredentials(certificate);
  const hadSome = hadTokens((table) => store.hasTable(table));
  const tokens = await AccessTokens.open(directory, { tenant, world });
  if (tokens.isBegun && hadSome)
    warnings.push(
      `secrets/tokens.json was missing: nobody's token holds any more; a new one of the admin of ${tenant} is in secrets/admin.token`,
    );
  return { authority, certificate, credentials, tokens, directory, warnings };
}
