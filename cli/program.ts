import { Command, CommanderError } from 'commander';
import { printableJson } from '#shared/program/printable-line.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addCostCommand } from './commands/cost.ts';
import { addDeviceCommands } from './commands/device.ts';
import { addProductCommands } from './commands/product.ts';
import { addReleaseCommands } from './commands/release.ts';
import { addRolloutCommands } from './commands/rollout.ts';
import { Shell } from './commands/session.ts';
import { addKeyCommands } from './commands/signing-key.ts';
import { addTargetCommands } from './commands/target.ts';
import type { Io } from './io.ts';
import { EXIT, failureOf } from './print/failure.ts';
import { plain } from './print/plain.ts';

const AFTER = `
From firmware to the field:
  $ evenkeel login --data ./data
  $ evenkeel product create cam --hardware cam-rev-b
  $ evenkeel key create --product cam --name main --out cam.key.pem
  $ evenkeel release push cam.bin --product cam --version 2.1.0 --key cam.key.pem
  $ evenkeel release publish cam/2.1.0
  $ evenkeel rollout launch rollout.yaml
  $ evenkeel rollout watch last

Exit codes:
  0  done
  1  refused or failed
  2  the command line is wrong
  3  the backend cannot be reached or trusted, or not logged in
  4  the rollout that was watched halted or was aborted
  5  the rollout that was watched goes on: --timeout was over
  6  the rollout that was watched stands still: paused, stalled or not launched (--exit-when-stalled, or --timeout was over)
  130 or 143  stopped by ctrl-c or SIGTERM before its end

Targets are kept in $XDG_CONFIG_HOME/evenkeel/targets.json or ~/.config/evenkeel/targets.json; EVENKEEL_CONFIG names
another file. Results go to standard output; progress, advice and errors to standard error.
`;

/**
 * Runs the command line `words` (without the program's name) and answers its exit code. Everything it prints goes through `io`;
 * it throws nothing.
 */
export async function runProgram(words: readonly string[], io: Io): Promise<number> {
  const shell = new Shell(io);
  const json = words.includes('--json');
  const program = programOf(io, shell, json);
  try {
    await program.parseAsync(words, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    return tell(error, io, json);
  }
}

function programOf(io: Io, shell: Shell, json: boolean): Command {
  const program = new Command('evenkeel')
    .description('Updates the firmware of device fleets and stops a bad update after a handful of devices.')
    .option('--json', 'results as JSON, nothing else on standard output')
    .option('--target <name>', 'backend to speak to (default: the current target)')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true })
    // A script that asked for JSON is told in JSON how its command line is wrong.
    .configureOutput({ writeOut: io.out, writeErr: json ? () => undefined : io.err })
    .showSuggestionAfterError()
    .showHelpAfterError('(evenkeel help COMMAND shows how it is used)')
    .exitOverride()
    .addHelpText('after', AFTER);
  addTargetCommands(program, shell);
  addProductCommands(program, shell);
  addKeyCommands(program, shell);
  addReleaseCommands(program, shell);
  addRolloutCommands(program, shell);
  addCostCommand(program, shell);
  addAuditCommand(program, shell);
  addDeviceCommands(program, shell);
  return program;
}

function tell(error: unknown, io: Io, json: boolean): number {
  if (error instanceof CommanderError) {
    // It has printed what there is to say; help that was asked for is no failure.
    if (error.exitCode === 0) return EXIT.ok;
    const isHelp = error.code === 'commander.help';
    const message = isHelp ? 'a command is missing' : error.message.replace(/^error: /, '');
    const advice = 'evenkeel help COMMAND shows how it is used';
    if (json) io.err(`${printableJson({ error: { code: 'usage', message, advice } })}\n`);
    return EXIT.usage;
  }
  const { exitCode, ...failure } = failureOf(error);
  if (json) io.err(`${printableJson({ error: failure })}\n`);
  else {
    const message = failure.code === 'fault' ? failure.message : plain(failure.message);
    io.err(`evenkeel: ${message}\n${failure.advice === undefined ? '' : `${failure.advice}\n`}`);
  }
  return exitCode;
}
