import * as z from 'zod';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** AWS IoT Core: "Maximum policy document size", without white space. */
const MAX_DOCUMENT_CHARACTERS = 2048;

const texts = z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)]);
const truth = z.union([z.boolean().transform(String), z.enum(['true', 'false'])]);

const StatementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z
    .strictObject({
      Bool: z.strictObject({
        'iot:Connection.Thing.IsAttached': z.union([
          truth,
          z
            .array(truth)
            .length(1)
            .transform(([only]) => only),
        ]),
      }),
    })
    .optional(),
});
const DocumentSchema = z.strictObject({
  // Policy variables are text in documents of the older version.
  Version: z.literal('2012-10-17'),
  Statement: z.array(StatementSchema).min(1),
});

/** A statement of an AWS IoT policy, with the only condition that the host knows. */
export type DeviceStatement = z.infer<typeof StatementSchema>;

/**
 * Reads an AWS IoT policy document. Throws `ConfigurationError` for a document larger than AWS takes and for anything that the
 * host does not enforce: other keys, condition operators and condition keys.
 */
export function readPolicyDocument(document: unknown): readonly DeviceStatement[] {
  const sizeCharacters = JSON.stringify(document)?.length ?? 0;
  if (sizeCharacters > MAX_DOCUMENT_CHARACTERS) {
    throw new ConfigurationError(
      `device policy: ${sizeCharacters} characters, at most ${MAX_DOCUMENT_CHARACTERS}`,
    );
  }
  const read = DocumentSchema.safeParse(document);
  if (!read.success) throw new ConfigurationError(`device policy: ${z.prettifyError(read.error)}`);
  return read.data.Statement;
}
