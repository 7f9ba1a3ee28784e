import { type Command, Option } from 'commander';
import { LISTED_ENDS, type ListedEnd } from '#shared/contracts/api/rollout-devices.ts';
import { rolloutFailures } from '../actions/rollout-failures.ts';
import { devicesOfRollout, findRollout, listRollouts, showRollout } from '../actions/rollouts.ts';
import { cohortsText, failuresText, rolloutText, stateText, wasLaunched } from '../print/rollout.ts';
import { rolloutDevicesText } from '../print/rollout-devices.ts';
import { nextText } from '../print/rollout-next.ts';
import { reachText } from '../print/rollout-reach.ts';
import { paragraphs, table } from '../print/table.ts';
import { moment } from '../print/units.ts';
import { examples, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Shell } from './session.ts';

/** So many devices of a rollout are listed at most: 10,000 pages. */
const MOST_DEVICES = 1_000_000;
const MOST_ROLLOUTS = 10_000;

interface DevicesOptions {
  readonly end?: ListedEnd;
  readonly reason?: string;
  readonly limit: number;
}

/** `rollout list`, `show` and `devices`: which there are, how one stands, and what became of its devices. */
export function addViewCommands(rollout: Command, shell: Shell): void {
  addList(rollout, shell);
  addShow(rollout, shell);
  addDevices(rollout, shell);
}

function addList(rollout: Command, shell: Shell): void {
  rollout
    .command('list')
    .description('List rollouts, newest first.')
    .option('--limit <n>', 'at most so many', whole(1, MOST_ROLLOUTS), 20)
    .addHelpText('after', examples('rollout list'))
    .action((options: { limit: number }, command: Command) =>
      shell.run(command, async (session) => {
        const rollouts = await listRollouts(await session.client(), options.limit);
        const rows = rollouts.map((one) => [
          one.rollout,
          one.release,
          stateText(one),
          moment(one.createdAtMs),
        ]);
        const columns = ['ROLLOUT', 'RELEASE', 'STATE', 'CREATED'].map((title) => ({ title }));
        session.show({ rollouts }, rows.length === 0 ? 'no rollout yet\n' : table(columns, rows));
        tellMore(session, rows.length, options.limit, MOST_ROLLOUTS);
      }),
    );
}

function addShow(rollout: Command, shell: Shell): void {
  rollout
    .command('show <id>')
    .description(
      'Show a rollout: stages, evidence, attempts by cohort, failures by reason, hardware and version.',
    )
    .addHelpText('after', examples('rollout show last'))
    .action((id: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const view = await showRollout(client, await findRollout(client, id));
        const failures = await rolloutFailures(client, view);
        const nowMs = session.io.world.now();
        const attempts = wasLaunched(view) ? [cohortsText(view), failuresText(failures, view.counts)] : [];
        const text = paragraphs([rolloutText(view, nowMs), reachText(view, nowMs), ...attempts]);
        session.show({ ...view, failures }, text);
        session.note(nextText(view));
      }),
    );
}

function addDevices(rollout: Command, shell: Shell): void {
  rollout
    .command('devices <id>')
    .description(
      'List the devices that took part in a rollout, with what became of each, by the words that "rollout show" counts with. Those ' +
        'that ended badly are found at once; open and good ones, and all, by a look at every device of the tenant.',
    )
    .addOption(
      new Option(
        '--end <word>',
        'only those that ended so; open: not yet; recovered: silent or lost, and heard again',
      ).choices(LISTED_ENDS),
    )
    .option('--reason <code>', 'only those that ended for this reason, as "rollout show" counts failures')
    .option('--limit <n>', 'at most so many', whole(1, MOST_DEVICES), 1000)
    .addHelpText(
      'after',
      examples('rollout devices last --end silent', 'rollout devices last --reason flash-write --json'),
    )
    .action((id: string, options: DevicesOptions, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const found = await devicesOfRollout(client, await findRollout(client, id), options);
        session.show(found, rolloutDevicesText(found, session.io.world.now()));
        tellMore(session, found.devices.length + found.unreadable.length, options.limit, MOST_DEVICES);
      }),
    );
}
