import { readFileSync } from 'node:fs';

/** Ticks a second in `/proc`: USER_HZ, 100 on every Linux that Node runs on (proc(5)). */
const TICKS_PER_SECOND = 100;
const KB = 1024;

/** CPU time that a process has used so far, all its threads together, in ms (proc_pid_stat(5), fields 14 and 15). Linux only. */
export function cpuOf(pid: number): number {
  return cpuFieldsOf(pid, 2);
}

/**
 * CPU time that this process has used so far, with all programs that it started and that have ended, in ms (proc_pid_stat(5),
 * fields 14 to 17). Linux only.
 */
export function cpuOfOwn(): number {
  return cpuFieldsOf(process.pid, 4);
}

/** Resident memory of a process in bytes (proc_pid_status(5), VmRSS). Linux only. */
export function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * KB;
}

/** CPU time that the whole machine has used so far, or that was taken from it by its own host, in ms (proc_stat(5)). Linux only. */
export function cpuOfAll(): number {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .slice(0, 400)
    .split(/\s+/);
  const ticks = [user, nice, system, irq, softirq, steal].reduce((sum, one) => sum + Number(one), 0);
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** The first so many fields of CPU time in `/proc/PID/stat`, together, in ms. */
function cpuFieldsOf(pid: number, count: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold spaces: fields are counted after it, beginning with the third.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 11 + count).reduce((sum, one) => sum + Number(one), 0);
  return (ticks * 1000) / TICKS_PER_SECOND;
}
