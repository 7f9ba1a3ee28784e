import * as z from 'zod';
import { ROLES } from '#shared/contracts/api/route.ts';
import { Sha256, Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { TokenSpan } from './token-span.ts';

/** The name of a person on this machine. */
export const TokenName = z
  .string()
  .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ @ -');

const TokenFile = z.strictObject({
  v: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        sha256: Sha256,
        name: TokenName,
        role: z.enum(ROLES),
        tenant: Tenant,
        // Versions that do not know it refuse the whole file: none takes a token that has ended.
        span: TokenSpan.exactOptional(),
      }),
    )
    .max(1000, 'must be at most 1000: take those back that have ended, or that nobody uses'),
});
/** A token as the file knows it. */
export type StoredToken = z.infer<typeof TokenFile>['tokens'][number];

/** What a list of tokens in memory is as a file. Throws `ConfigurationError` with the rule that it breaks; `path` is where the file is. */
export function parseTokenFile(content: unknown, path: string): z.infer<typeof TokenFile> {
  const read = TokenFile.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ConfigurationError(`${path}: ${issue?.path.join('.')}: ${issue?.message}`, { cause: read.error });
}

/** The same, of the text that a file holds. */
export function readTokenFile(text: string, path: string): z.infer<typeof TokenFile> {
  return parseTokenFile(parseJson(text, path), path);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(
      `${path} must be JSON: put the file back from a backup, or remove it: then the next start makes a token of the admin, and nobody else's holds`,
      { cause: error },
    );
  }
}
