import { types } from 'node:util';
import { ConfigurationError, EvenkeelError } from '#shared/errors/errors.ts';

/** Whether what was thrown says that the options of a command line are wrong (`parseArgs` of Node). */
export const isUsageFault = (thrown: unknown): boolean =>
  types.isNativeError(thrown) && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS_');

/** What a program ends with because of what was thrown: 2 where its options are wrong, or what they name, else 1. */
export const exitCodeOf = (thrown: unknown): 1 | 2 =>
  thrown instanceof ConfigurationError || isUsageFault(thrown) ? 2 : 1;

/** What the operating system refuses and people can mend, whatever the program was doing: a full disk, missing rights. */
const MENDABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EMFILE', 'ENFILE']);

const isMendable = (thrown: Error): boolean =>
  'syscall' in thrown && 'code' in thrown && MENDABLE.has(String(thrown.code));

/** What is wrong, without Node's advice on words that begin with a dash, which no program here takes. */
const sentenceOf = (message: string): string => message.split('. To specify')[0] ?? message;

/**
 * What a program says on standard error before it ends because of what was thrown, after its name: the message alone of what
 * people can mend (wrong options, an error that Evenkeel throws on purpose, a full disk), the stack of anything else.
 */
export function failureText(program: string, thrown: unknown): string {
  if (!types.isNativeError(thrown)) return `${program}: ${String(thrown)}\n`;
  if (isUsageFault(thrown)) return `${program}: ${sentenceOf(thrown.message)}; see --help\n`;
  const isForPeople = thrown instanceof EvenkeelError || isMendable(thrown);
  return `${program}: ${isForPeople ? thrown.message : (thrown.stack ?? thrown.message)}\n`;
}
