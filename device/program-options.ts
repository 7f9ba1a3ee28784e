import { access, constants, readFile, stat } from 'node:fs/promises';
import type * as z from 'zod';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** A number from the command line. Throws `ConfigurationError` that names the option and its bounds. */
export function numberOf(
  option: string,
  text: string,
  { least, most, whole = false }: { readonly least: number; readonly most: number; readonly whole?: boolean },
): number {
  const number = Number(text);
  const isRight =
    text.trim() !== '' && number >= least && number <= most && (!whole || Number.isInteger(number));
  if (!isRight) {
    throw new ConfigurationError(
      `${option} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`,
    );
  }
  return number;
}

/** An option that has no default. Throws `ConfigurationError` when it is missing. */
export function oneOf(option: string, text: string | undefined): string {
  if (text === undefined || text === '') throw new ConfigurationError(`${option} is missing; see --help`);
  return text;
}

/** An option that a schema of the protocol reads. Throws `ConfigurationError` that names the option and the rule. */
export function nameOf<T>(option: string, text: string | undefined, schema: z.ZodType<T>): T {
  const read = schema.safeParse(oneOf(option, text));
  if (read.success) return read.data;
  throw new ConfigurationError(`${option} ${read.error.issues[0]?.message ?? 'cannot be read'}`);
}

/** The path of a file that an option names, which is there and may be read. Throws `ConfigurationError` that names both. */
export async function pathOf(option: string, path: string | undefined): Promise<string> {
  const file = oneOf(option, path);
  try {
    await access(file, constants.R_OK);
    if (!(await stat(file)).isDirectory()) return file;
  } catch (cause) {
    throw new ConfigurationError(`${option}: ${file} cannot be read`, { cause });
  }
  throw new ConfigurationError(`${option}: ${file} is a folder`);
}

/** The text of a file that an option names. Throws `ConfigurationError` that names both. */
export async function fileOf(option: string, path: string | undefined): Promise<string> {
  return readFile(await pathOf(option, path), 'utf8');
}
