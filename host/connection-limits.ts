/** Connections that the host takes at the same time. */
export interface ConnectionLimits {
  /** Of devices, to the broker. */
  readonly devices: number;
  /** To the HTTPS server: people, scripts, downloads. */
  readonly https: number;
}

/** About as many connections of devices as fit into the memory of a machine of this kind (some 100 KB each). */
const MOST_DEVICES = 100_000;
const MOST_HTTPS = 2_000;

/**
 * How many connections a process may take that can open so many files: three quarters for devices, an eighth for HTTPS, and the rest
 * stays free for the store, firmware and logs, which must go on when all connections are taken.
 */
export function connectionLimits(openFiles: number): ConnectionLimits {
  return {
    devices: Math.min(MOST_DEVICES, Math.floor((openFiles * 3) / 4)),
    https: Math.min(MOST_HTTPS, Math.floor(openFiles / 8)),
  };
}

/** How many files this process may have open (`ulimit -n`; Node raises it to the hard limit at its start). */
export function openFileLimit(): number {
  // The report is JSON whose shape its type does not tell (nodejs.org/api/report.html).
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}
