import { failureText } from '#shared/program/failure-text.ts';
import { onStopSignal } from '#shared/program/on-stop-signal.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { askPerson } from './ask-person.ts';
import type { Io } from './io.ts';
import { EXIT } from './print/failure.ts';
import { runProgram } from './program.ts';

const USUAL = { columns: 100, rows: 30 };

const { stdin, stdout, stderr } = process;

/** The terminal and the process that this program runs in. */
const io: Io = {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  outIsTerminal: stdout.isTTY === true,
  errIsTerminal: stderr.isTTY === true,
  size: () => ({
    // A terminal that does not know its size says 0.
    columns: stdout.columns || stderr.columns || USUAL.columns,
    rows: stdout.rows || stderr.rows || USUAL.rows,
  }),
  ask:
    stdin.isTTY === true && stderr.isTTY === true
      ? (question) => askPerson(question, { input: stdin, output: stderr })
      : undefined,
  env: process.env,
  world: realWorld,
  untilStopped() {
    const controller = new AbortController();
    onStopSignal(realWorld, {
      stop: (signal) => controller.abort(signal),
      giveUp: (signal) => process.exit(signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted),
    });
    return controller.signal;
  },
};

// Progress and advice that nobody reads (`2>&1 | head`) end no upload and no launch in its middle.
stderr.on('error', () => undefined);
// A reader that has seen enough (`| head`) is no fault.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  stderr.write(failureText('evenkeel', error));
  process.exit(1);
});

process.exitCode = await runProgram(process.argv.slice(2), io);
