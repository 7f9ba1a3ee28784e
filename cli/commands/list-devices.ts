import { type Command, Option } from 'commander';
import { PRESENCES } from '#shared/contracts/api/devices.ts';
import { type DeviceFilter, listDevices } from '../actions/devices.ts';
import { countVersions, type FleetFilter, listFleet, type OnLooked } from '../actions/fleet.ts';
import { UsageError } from '../errors.ts';
import { devicesText } from '../print/device.ts';
import { fleetText, versionsText } from '../print/fleet.ts';
import { lookedProgress } from '../print/looked-progress.ts';
import { examples, list, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Session, Shell } from './session.ts';

/** So many devices are listed at most: 10,000 pages. */
const MOST_LISTED = 1_000_000;

type ListOptions = DeviceFilter & FleetFilter & { readonly limit: number };

/** `device list` and `device versions`. */
export function addListCommands(device: Command, shell: Shell): void {
  withRegistered(
    device
      .command('list')
      .description(
        'List devices: all, or those that all of these options fit. For those the backend looks at each device, a thousand ' +
          'at a call, until there are as many as --limit asks for. By default the registry lists them in order of id, with their ' +
          'presence; with --version, --where or --in-trouble those in service are listed in another order, with what they run.',
      )
      .option('--id <part>', 'only those whose id has this in it, in capitals or not'),
  )
    .addOption(
      new Option('--presence <word>', 'only those that are so now; never: not connected yet').choices(
        PRESENCES,
      ),
    )
    .option(
      '--unseen-days <n>',
      'only those in service that have not been connected for so many days',
      whole(1, 3650),
    )
    .option('--version <version>', 'only those that run this, as they say it')
    .option(...WHERE)
    .option(...IN_TROUBLE)
    .option('--limit <n>', 'at most so many', whole(1, MOST_LISTED), 50)
    .addHelpText(
      'after',
      examples(
        'device list --limit 200',
        'device list --unseen-days 30 --limit 1000',
        'device list --id 0017',
        'device list --tag hall-3 --presence disconnected --json',
        'device list --version 1.0.0 --limit 1000',
        `device list --where 'version < "1.2.0" and not tag("lab")'`,
        'device list --in-trouble',
      ),
    )
    .action((options: ListOptions, command: Command) =>
      shell.run(command, (session) =>
        asksWhatRuns(options) ? listRunning(session, options) : listRegistered(session, options),
      ),
    );
  withRegistered(
    device
      .command('versions')
      .description(
        'Count which version how many devices in service run, by product and hardware: all, or those that all of these options fit. The ' +
          'backend looks at each device of the tenant, a thousand at a call.',
      ),
  )
    .option(...WHERE)
    .option(...IN_TROUBLE)
    .addHelpText(
      'after',
      examples('device versions', 'device versions --product cam --tag hall-3', 'device versions --json'),
    )
    .action((filter: FleetFilter, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const found = await looking(session, (onLooked) => countVersions(client, filter, onLooked));
        session.show(found, versionsText(found));
      }),
    );
}

const WHERE = [
  '--where <selector>',
  'only those that fit a selector, as in the document of a rollout; see docs/rollouts.md',
] as const;
const IN_TROUBLE = ['--in-trouble', 'only those that could not download what they are offered'] as const;

/** By what the registry and the orchestrator both choose. */
function withRegistered(command: Command): Command {
  return command
    .option('--product <name>', 'only those of this product')
    .option('--hardware <id>', 'only those of this hardware')
    .option(
      '--tag <tags>',
      'only those with this tag; again, or with commas, for more that all must be there',
      list,
    );
}

const asksWhatRuns = ({ version, where, inTrouble }: FleetFilter): boolean =>
  version !== undefined || where !== undefined || inTrouble === true;

async function listRegistered(session: Session, { limit, ...filter }: ListOptions): Promise<void> {
  const found = await listDevices(await session.client(), limit, filter);
  const { devices, looked } = found;
  const none = looked === undefined ? 'no device yet\n' : 'no such device\n';
  session.show(found, devices.length === 0 ? none : devicesText(devices, session.io.world.now()));
  if (looked !== undefined) session.note(`${looked} devices looked at\n`);
  tellMore(session, devices.length, limit, MOST_LISTED);
}

async function listRunning(session: Session, options: ListOptions): Promise<void> {
  const { limit, id, presence, unseenDays, ...filter } = options;
  if (id !== undefined || presence !== undefined || unseenDays !== undefined) {
    throw new UsageError(
      "--id, --presence and --unseen-days are the registry's, which does not know what runs: give them without --version, --where and --in-trouble",
    );
  }
  const client = await session.client();
  const found = await looking(session, (onLooked) => listFleet(client, limit, filter, onLooked));
  session.show(found, fleetText(found, session.io.world.now()));
  tellMore(session, found.devices.length + found.unreadable.length, limit, MOST_LISTED);
}

/** Says how far a look at the fleet is, and in the end how many devices were looked at. */
async function looking<T extends { readonly looked: number }>(
  session: Session,
  look: (onLooked: OnLooked) => Promise<T>,
): Promise<T> {
  const progress = session.json ? undefined : lookedProgress(session.io);
  try {
    const found = await look((looked) => progress?.show(looked));
    session.note(`${found.looked} devices looked at\n`);
    return found;
  } finally {
    progress?.end();
  }
}
