import { generateKeyPairSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { AddSigningKey, type ProductView, WithdrawSigningKey } from '#shared/contracts/api/firmware.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { keyIdOf } from '#shared/firmware/signature.ts';
import { type ApiClient, NOTHING_DONE } from '../api-client.ts';
import {
  ApiError,
  FailedError,
  NotLoggedInError,
  UnreachableError,
  UntrustedServerError,
  UsageError,
} from '../errors.ts';
import { writeNewFile } from '../files.ts';
import { showProduct } from './releases.ts';

/** A key of a product, as the product shows it. */
export type ProductKey = ProductView['keys'][number];

/** A key pair that signs releases. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** A new Ed25519 key pair (PKCS#8 and SPKI in PEM). */
export function newSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { keyId: keyIdOf(publicKey), privateKeyPem: privateKey, publicKeyPem: publicKey };
}

/** Tells a product of a public key. */
export function addSigningKey(
  client: ApiClient,
  key: { readonly product: string; readonly name: string; readonly publicKeyPem: string },
): Promise<ProductView> {
  const { product, name, publicKeyPem } = key;
  return client.call(AddSigningKey, { params: { product }, body: { name, publicKey: publicKeyPem } });
}

/** The file of the public key beside that of the private one: `cam.pub.pem` for `cam.key.pem`. */
const publicKeyFile = (file: string): string => `${file.replace(/(\.key)?\.pem$/, '')}.pub.pem`;

/**
 * Makes a key pair, keeps the private key in a new file (mode 0600) and the public one beside it (mode 0644), and tells the product of
 * the public one. The files come first: a key that the product trusts and nobody holds could not be told from a stolen one. They
 * are removed when it is known that the product does not trust the key, so that the same command can be given again, and else the
 * error says what to do with them. Throws `UsageError` rather than write over a file.
 */
export async function createSigningKey(
  client: ApiClient,
  { product, name, file }: { readonly product: string; readonly name: string; readonly file: string },
): Promise<{
  readonly keyId: string;
  readonly file: string;
  readonly publicFile: string;
  readonly product: ProductView;
}> {
  const { keyId, privateKeyPem, publicKeyPem } = newSigningKey();
  const publicFile = publicKeyFile(file);
  await writeNewFile(file, privateKeyPem);
  try {
    await writeNewFile(publicFile, publicKeyPem, 0o644);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  try {
    return { keyId, file, publicFile, product: await addSigningKey(client, { product, name, publicKeyPem }) };
  } catch (error) {
    if (mayHaveHappened(error)) throw keptKey(error, { product, name, file, publicFile });
    await Promise.all([file, publicFile].map((one) => rm(one, { force: true })));
    throw error;
  }
}

/** Whether a call that failed may have done its work all the same. */
function mayHaveHappened(error: unknown): boolean {
  if (error instanceof UnreachableError) return error.mayHaveHappened;
  if (error instanceof ApiError) return !(isRefusal(error) || NOTHING_DONE.has(error.code));
  const isUnsent = [RefusedError, UntrustedServerError, NotLoggedInError].some((one) => error instanceof one);
  return !isUnsent;
}

/** An answer that cannot be read is none: the work may be done. */
const isRefusal = ({ status }: ApiError): boolean => status >= 400 && status < 500;

/** What is to be done with a pair of which nobody knows whether the product trusts it. */
function keptKey(
  cause: unknown,
  key: {
    readonly product: string;
    readonly name: string;
    readonly file: string;
    readonly publicFile: string;
  },
): unknown {
  const { product, name, file, publicFile } = key;
  const advice =
    `The key is kept in ${file}. Whether the product trusts it says evenkeel product show ${product}; if not: ` +
    `evenkeel key add --product ${product} --name ${name} --public-key ${publicFile}`;
  if (cause instanceof UnreachableError)
    return new UnreachableError(cause.message, { cause, mayHaveHappened: true, advice });
  return cause instanceof ApiError ? new FailedError(cause.message, advice, { cause }) : cause;
}

/** The key of that name. Throws `UsageError` where the product has none. */
export function keyNamed({ product, keys }: Pick<ProductView, 'product' | 'keys'>, name: string): ProductKey {
  const key = keys.find((one) => one.name === name);
  if (key !== undefined) return key;
  const names = keys.map((one) => one.name).join(', ');
  throw new UsageError(`${product} has no key "${name}"${names === '' ? '' : `: it has ${names}`}`);
}

/** Which key is withdrawn, and why. */
interface Withdrawal {
  readonly product: string;
  readonly name: string;
  readonly reason: string;
  /** Also where the product trusts no other key: devices that trust only this one can then never be updated again. */
  readonly leaveNone: boolean;
}

/**
 * Withdraws the key of that name for ever, and answers its id and the product without it. Throws `UsageError` where the product has no key
 * of that name, `FailedError` where it would be left without any.
 */
export async function withdrawSigningKey(
  client: ApiClient,
  { product, name, reason, leaveNone }: Withdrawal,
): Promise<{ readonly view: ProductView; readonly keyId: string }> {
  const { keyId } = keyNamed(await showProduct(client, product), name);
  try {
    const body = { reason, ...(leaveNone && { leaveNone }) };
    return { view: await client.call(WithdrawSigningKey, { params: { product, keyId }, body }), keyId };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409 && error.field === 'leaveNone')) throw error;
    throw new FailedError(
      `not withdrawn: "${name}" is the only key that ${product} trusts, and devices take nothing that another one has signed`,
      'Stop what is not yours (evenkeel release list, release revoke), add a key (evenkeel key create), publish a release signed with this ' +
        'one that brings it to devices, and withdraw this one then; or at once, with --leave-none.',
      { cause: error },
    );
  }
}
