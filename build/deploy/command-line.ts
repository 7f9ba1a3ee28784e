import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { DeployError } from './deploy-error.ts';

/**
 * Stage names. EventBridge takes 64 characters for the name of a rule, and the framework hashes what is longer: policies name the rule
 * of onHearingInterrupted, which leaves 15 for a stage. Buckets, with an account id and the longest name of a Region, leave 16.
 */
const STAGE = /^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/;
/** Words that Cognito refuses in the name of a login page, which has the stage in it. */
const RESERVED = /aws|amazon|cognito/;

/** What every stage must be. */
export const STAGE_RULE =
  'must be 1 to 15 of a-z, 0-9 and -, begin with a letter, not end with -, and hold none of aws, amazon, cognito';

/** Whether a stage can be part of names in AWS, as `STAGE_RULE` says it. */
export const isStage = (stage: string): boolean => STAGE.test(stage) && !RESERVED.test(stage);

/** The options that a command takes; throws `DeployError` for unknown ones. */
export function readOptions<const T extends ParseArgsOptionsConfig>(options: T) {
  try {
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    throw new DeployError(
      error instanceof Error ? error.message : String(error),
      '--help shows the options.',
      {
        cause: error,
      },
    );
  }
}

/** The stage that was named. Throws `DeployError` for none, and for one that cannot be part of names in AWS. */
export function checkedStage(stage: unknown): string {
  if (typeof stage !== 'string')
    throw new DeployError(
      '--stage is missing',
      'Name it, for example --stage prod. --help shows the options.',
    );
  if (!isStage(stage)) throw new DeployError(`--stage ${stage} ${STAGE_RULE}`);
  return stage;
}

/** Runs a command and makes of its failures what a person reads, and the exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.exitCode = 1;
    // Faults of AWS are for people too: their name and message say what was refused, a stack trace would hide it.
    const isFault = !(error instanceof DeployError) && !('$metadata' in error);
    process.stderr.write(`evenkeel: ${isFault ? error.stack : messageOf(error)}\n`);
    if (error instanceof DeployError && error.advice !== undefined) process.stderr.write(`${error.advice}\n`);
  }
}

function messageOf(error: Error): string {
  return error instanceof DeployError ? error.message : `${error.name}: ${error.message}`;
}
