import type { TableDefinition } from '#host/store/table-definition.ts';
import { sealKeyId } from '#shared/audit/seal.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Authority } from './authority.ts';

/** The host's own table of the keys that its database belongs with. */
export const KEYS_TABLE: TableDefinition = { name: 'keys' };

/** What a key is for. */
type Use = 'authority' | 'seal';

/**
 * Makes sure that the authority is the one that the database was begun with: beside another, no device that is registered would trust this
 * host, nor would it let one in. A database that knows none takes this one. `directory` is where it lies; throws `ConfigurationError`.
 */
export async function checkAuthority(
  keys: Table,
  { pem }: Pick<Authority, 'pem'>,
  directory: string,
): Promise<void> {
  const id = sealKeyId(pem);
  if ((await knownKey(keys, 'authority', id)) === id) return;
  throw new ConfigurationError(
    `${directory} is not the authority that this database was begun with: every registered device would be locked out. ` +
      'Put the folder back from the backup that the database is of, or restore the whole directory',
  );
}

/**
 * The same for the key that seals the audit logs, `path`: with another, nobody who verifies could tell this host's seals from a stranger's.
 * Whoever has lost it for good says in `accepted` which key takes its place, by its id: so no other does, at later starts neither. Answers
 * what the person who starts the host must know of that.
 */
export async function checkSealKey(
  keys: Table,
  signer: Pick<Signer, 'publicKeyPem'>,
  { path, accepted }: { readonly path: string; readonly accepted: string | undefined },
): Promise<readonly string[]> {
  const id = sealKeyId(await signer.publicKeyPem());
  const known = await knownKey(keys, 'seal', id);
  if (known === id) return [];
  if (accepted !== id) {
    throw new ConfigurationError(
      `${path} is not the key that seals the audit logs of this database (${known.slice(0, 16)}...): put that back from a backup. ` +
        `If it is lost for good, start with --new-seal-key ${id}: seals that are there still hold, and this key makes the next ones`,
    );
  }
  await keys.write({ put: itemOf('seal', id) });
  return [
    `the audit logs are sealed with another key from here on (${id}, before ${known}): whoever verifies them with --key needs both public keys`,
  ];
}

/** The id of the key that the database knows for that use: from now on `id`, where it knew none. */
async function knownKey(keys: Table, use: Use, id: string): Promise<string> {
  const [known] = await keys.get([{ pk: 'keys', sk: use }], { consistent: true });
  if (known !== undefined) return String(known.keyId);
  await keys.write({ put: itemOf(use, id) });
  return id;
}

const itemOf = (use: Use, keyId: string) => ({ pk: 'keys', sk: use, keyId });
