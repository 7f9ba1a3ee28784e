import { ConfigurationError } from '#shared/errors/errors.ts';

/** It is part of the names of queues and buckets, as of one that is deployed, which has a character less (build/deploy/command-line.ts). */
const STAGE = /^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$/;

/** The stage that `--stage` names. Throws `ConfigurationError` with the rule. */
export function stageOf(text: string): string {
  if (STAGE.test(text)) return text;
  throw new ConfigurationError(
    '--stage must be 1 to 16 of a-z, 0-9 and -, from a letter to a letter or digit',
  );
}
