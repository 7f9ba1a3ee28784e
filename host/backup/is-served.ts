import path from 'node:path';
import { readIfPresent } from '#host/files/durable-file.ts';
import { HOST_FILE, HostFile } from '#shared/contracts/host-file.ts';
import { errorCode } from '#shared/program/error-code.ts';

/**
 * Whether a host serves from `directory`, as the file says that it leaves there, and the process that the file names. The lock of the directory
 * would say it, too, but who asks it has it for a moment, and a host that starts then is refused.
 */
export async function isServed(directory: string): Promise<boolean> {
  const pid = pidIn((await readIfPresent(path.join(directory, HOST_FILE)))?.toString());
  if (pid === undefined) return false;
  try {
    // Signal 0 only asks whether there is such a process.
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one; that of a host that died is none.
    if (errorCode(error) === 'EPERM') return true;
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** There is no file where the host has ended in order. A damaged one is of no host that serves, and no reason for no backup. */
function pidIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return HostFile.safeParse(JSON.parse(text)).data?.pid;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
