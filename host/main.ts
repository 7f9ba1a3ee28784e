import path from 'node:path';
import { failureText } from '#shared/program/failure-text.ts';
import { onStopSignal } from '#shared/program/on-stop-signal.ts';
import { printableLine } from '#shared/program/printable-line.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { dataDirectory } from './files/data-directory.ts';
import { HostLog } from './runtime/host-log.ts';
import { LogFile } from './runtime/log-file.ts';
import { greeting } from './serve/greeting.ts';
import { HELP, readOptions } from './serve/read-options.ts';
import { serve } from './serve.ts';
import { readServices } from './serverless/read-services.ts';
import { storeFaultText } from './store/store-fault.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const FAILED = 1;
/** What was written may be lost: no goodbye to anyone. */
const STORE_LOST = 70;

async function main(): Promise<void> {
  const options = await readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const { verbose, stage, ...asked } = options;
  const services = readServices({ root: ROOT, stage });
  // What is made from here on is for nobody else on this machine, the database too, to which no mode can be given.
  process.umask(0o077);
  const directory = dataDirectory(options.directory);
  const logFile = verbose ? undefined : new LogFile(path.join(directory, 'logs'), realWorld);
  const write = logFile?.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const writeLine = (line: string) => write(printableLine(line));
  const log = new HostLog(writeLine, realWorld);
  // Who reads along (`| head`, a terminal that was closed) may leave at any time: devices are served all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // On Lambda it would cost one instance; here it must not cost everybody's.
  process.on('unhandledRejection', (error) => log.error('a rejection that nobody handled', error));
  const serving = await serve({
    ...asked,
    services,
    directory,
    world: realWorld,
    writeLine,
    onFatal: (error) => {
      process.stderr.write(`evenkeel: ${storeFaultText(directory, error)}\n`);
      log.error('the store failed', error);
      logFile?.close();
      process.exit(STORE_LOST);
    },
  });
  const stop = async () => {
    await serving.stop();
    logFile?.close();
  };
  // To end at once loses nothing that was acknowledged.
  onStopSignal(realWorld, {
    stop: () => void stop().then(() => process.exit(0), fail),
    giveUp: () => process.exit(FAILED),
  });
  for (const warning of serving.warnings) process.stderr.write(`evenkeel: WARNING: ${warning}\n`);
  process.stdout.write(greeting(serving, { ...options, directory }));
}

function fail(error: unknown): never {
  process.stderr.write(failureText('evenkeel', error));
  process.exit(FAILED);
}

main().catch(fail);
