import type { Command } from 'commander';
import {
  listDevices,
  listQuarantined,
  releaseFromQuarantine,
  reportsOfDevice,
  showDevice,
} from '../actions/devices.ts';
import { explainDevice } from '../actions/rollouts.ts';
import { devicesText, deviceText, quarantinedText } from '../print/device.ts';
import { reportsText } from '../print/reports.ts';
import { whyText } from '../print/why.ts';
import { day, examples, whole } from './arguments.ts';
import { addChangeCommands } from './change-devices.ts';
import { addRegisterCommand } from './register-device.ts';
import type { Shell } from './session.ts';

interface ReportsOptions {
  readonly day?: string;
  readonly limit: number;
}

/** `device` and `why`. */
export function addDeviceCommands(program: Command, shell: Shell): void {
  program
    .command('why <device>')
    .summary('why a device got, or did not get, an update')
    .description(
      'Say what a device gets and why, by the very code that decides: the first rule that said no in each rollout, what would ' +
        'change it, and what became of its attempts.',
    )
    .addHelpText('after', examples('why cam-0017'))
    .action((deviceId: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const why = await explainDevice(await session.client(), deviceId);
        session.show(why, whyText(why, session.io.world.now()));
      }),
    );
  const device = program
    .command('device')
    .summary('devices, one or a list: register, tag, decommission, quarantine')
    .description('Devices, one or a list of them.');
  addRegisterCommand(device, shell);
  device
    .command('list')
    .description('List devices in order of id.')
    .option('--limit <n>', 'at most so many', whole(1, 100_000), 50)
    .addHelpText('after', examples('device list --limit 200'))
    .action((options: { limit: number }, command: Command) =>
      shell.run(command, async (session) => {
        const devices = await listDevices(await session.client(), options.limit);
        const text = devices.length === 0 ? 'no device yet\n' : devicesText(devices, session.io.world.now());
        session.show({ devices }, text);
      }),
    );
  device
    .command('show <id>')
    .description('Show a device as the registry knows it; what it runs says "why".')
    .addHelpText('after', examples('device show cam-0017'))
    .action((deviceId: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const view = await showDevice(await session.client(), deviceId);
        session.show(view, deviceText(view, session.io.world.now()));
      }),
    );
  device
    .command('reports <id>')
    .description(
      'Read what a device reported on one day, in its own words: each step of an install, with reason and detail where it gave any.',
    )
    .option('--day <date>', 'day in UTC, by when its reports were received (default: today)', day)
    .option('--limit <n>', 'at most so many reports', whole(1, 100_000), 1000)
    .addHelpText(
      'after',
      examples('device reports cam-0017', 'device reports cam-0017 --day 2026-12-01 --json'),
    )
    .action((deviceId: string, options: ReportsOptions, command: Command) =>
      shell.run(command, async (session) => {
        const on = options.day ?? new Date(session.io.world.now()).toISOString().slice(0, 10);
        const reports = await reportsOfDevice(await session.client(), deviceId, on, options.limit);
        session.show(
          { day: on, reports },
          reports.length === 0 ? `no report on ${on}\n` : reportsText(reports),
        );
        if (reports.length === options.limit)
          session.note(`these are ${reports.length}, and there may be more: --limit takes up to 100000\n`);
      }),
    );
  addChangeCommands(device, shell);
  addQuarantineCommands(device, shell);
}

/** `device quarantined` and `device release-from-quarantine`. */
function addQuarantineCommands(device: Command, shell: Shell): void {
  device
    .command('quarantined')
    .description(
      'List the devices that are in quarantine: two use one identity, because its certificate was copied, so that nothing they ' +
        'say can be believed. They get nothing until they are released, or decommissioned and registered anew.',
    )
    .option('--limit <n>', 'at most so many', whole(1, 100_000), 50)
    .addHelpText('after', examples('device quarantined', 'device quarantined --json'))
    .action((options: { limit: number }, command: Command) =>
      shell.run(command, async (session) => {
        const devices = await listQuarantined(await session.client(), options.limit);
        session.show({ devices }, quarantinedText(devices, session.io.world.now()));
      }),
    );
  device
    .command('release-from-quarantine <id>')
    .description(
      'Release a device from quarantine, once the other user of its certificate is gone: its next check is answered like any ' +
        'other. Where a certificate was copied and the copy is not found, decommission the device and register it anew instead.',
    )
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      examples('device release-from-quarantine cam-0017 --reason "a copied image on the bench, now wiped"'),
    )
    .action((deviceId: string, { reason }: { reason: string }, command: Command) =>
      shell.run(command, async (session) => {
        const released = await releaseFromQuarantine(await session.client(), deviceId, reason);
        session.show(released, `released ${deviceId} from quarantine\n`);
      }),
    );
}
