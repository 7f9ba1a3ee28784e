import type { Command } from 'commander';
import { listQuarantined, releaseFromQuarantine, reportsOfDevice, showDevice } from '../actions/devices.ts';
import { explainDevice } from '../actions/rollouts.ts';
import { deviceText, quarantinedText } from '../print/device.ts';
import { reportsText } from '../print/reports.ts';
import { whyText } from '../print/why.ts';
import { day, examples, whole } from './arguments.ts';
import { addChangeCommands } from './change-devices.ts';
import { addListCommands } from './list-devices.ts';
import { tellMore } from './more.ts';
import { addRegisterCommand } from './register-device.ts';
import type { Shell } from './session.ts';

const MOST_LISTED = 100_000;

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
  addListCommands(device, shell);
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
    .option('--limit <n>', 'at most so many reports', whole(1, MOST_LISTED), 1000)
    .addHelpText(
      'after',
      examples('device reports cam-0017', 'device reports cam-0017 --day 2026-12-01 --json'),
    )
    .action((deviceId: string, options: ReportsOptions, command: Command) =>
      shell.run(command, async (session) => {
        const on = options.day ?? new Date(session.io.world.now()).toISOString().slice(0, 10);
        const client = await session.client();
        const reports = await reportsOfDevice(client, deviceId, on, options.limit);
        // The log knows no devices: that one with this name is silent and that there is none are not the same.
        if (reports.length === 0) await showDevice(client, deviceId);
        session.show(
          { day: on, reports },
          reports.length === 0 ? `no report on ${on}\n` : reportsText(reports, { by: 'rollout' }),
        );
        tellMore(session, reports.length, options.limit, MOST_LISTED);
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
    .option('--limit <n>', 'at most so many', whole(1, MOST_LISTED), 50)
    .addHelpText('after', examples('device quarantined', 'device quarantined --json'))
    .action((options: { limit: number }, command: Command) =>
      shell.run(command, async (session) => {
        const devices = await listQuarantined(await session.client(), options.limit);
        session.show({ devices }, quarantinedText(devices, session.io.world.now()));
        tellMore(session, devices.length, options.limit, MOST_LISTED);
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
