import path from 'node:path';
import type { Serving } from '../serve.ts';
import type { ServeOptions } from './serve-options.ts';

/** What is to be known of how a host serves, besides what it says itself. */
interface Greeted extends Pick<ServeOptions, 'directory' | 'notify'> {
  /** Log lines go to standard error. */
  readonly verbose: boolean;
}

/** What the program says once it serves: what of a backup is to be done, where devices and people come in, and where logs are. */
export function greeting(
  { file, metricsPort, restoredFromMs }: Pick<Serving, 'file' | 'metricsPort' | 'restoredFromMs'>,
  { directory, notify, verbose }: Greeted,
): string {
  const { name, mqttPort, httpPort } = file;
  const lines = [
    ...(restoredFromMs === undefined ? [] : backupLines(restoredFromMs)),
    `serving devices on mqtts://${name}:${mqttPort}`,
    `serving API and firmware on https://${name}:${httpPort}`,
    `to log in on this machine: npx evenkeel login --data ${directory}`,
    ...(notify === undefined ? [] : [`telling ${notify.url.host} what needs a person`]),
    ...(metricsPort === undefined ? [] : [`metrics on http://127.0.0.1:${metricsPort}/metrics`]),
    `${verbose ? 'log lines follow' : `logs in ${path.join(directory, 'logs')}`}; ctrl-c stops`,
  ];
  return lines.map((line) => `evenkeel: ${line}\n`).join('');
}

const backupLines = (takenAtMs: number): readonly string[] => [
  `this is a backup of ${new Date(takenAtMs).toISOString()}; rollouts that ran are paused, because nobody knows what`,
  'happened since. See "Backup and restoring" in docs/operations.md before you resume them',
];
