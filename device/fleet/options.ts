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
