import { type Command, Option } from 'commander';
import { LISTED_ENDS, type ListedEnd } from '#shared/contracts/api/rollout-devices.ts';
import { createRollout } from '../actions/create-rollout.ts';
import { rolloutFailures } from '../actions/rollout-failures.ts';
import {
  controlRollout,
  countDraft,
  devicesOfRollout,
  findRollout,
  listRollouts,
  resumeRollout,
  showRollout,
} from '../actions/rollouts.ts';
import { UsageError } from '../errors.ts';
import { cohortsText, failuresText, rolloutText, stateText, wasLaunched } from '../print/rollout.ts';
import { rolloutDevicesText } from '../print/rollout-devices.ts';
import { nextText } from '../print/rollout-next.ts';
import { reachText } from '../print/rollout-reach.ts';
import { paragraphs, table } from '../print/table.ts';
import { moment } from '../print/units.ts';
import { approve } from './approve-rollout.ts';
import { examples, list, repeated, whole } from './arguments.ts';
import { countedDraft } from './counted-draft.ts';
import { type LaunchCommand, launch, readDocument } from './launch-rollout.ts';
import { tellMore } from './more.ts';
import { addReportsCommand } from './rollout-reports.ts';
import type { Shell } from './session.ts';
import { type WatchCommand, watch } from './watch-rollout.ts';

const ID = 'id of the rollout, 4 or more characters that it begins or ends with, or last';
/** So many devices of a rollout are listed at most: 10,000 pages. */
const MOST_DEVICES = 1_000_000;
const MOST_ROLLOUTS = 10_000;
const CONTROLS = [
  [
    'pause',
    'Pause a rollout: no permit is granted until it is resumed; installs that began finish.',
    'looking at a report from the field',
  ],
  [
    'advance',
    'Open the next stage by hand, whatever its gate waits for; after its last one, complete a standing rollout. Never past a halting line.',
    'the bench devices are fine',
  ],
  ['abort', 'End a rollout for good; installs that began finish and are counted.', 'superseded by 2.1.1'],
] as const;

/** `rollout`: one release going to devices, stage by stage. */
export function addRolloutCommands(program: Command, shell: Shell): void {
  const rollout = program
    .command('rollout')
    .summary('one release going to devices, stage by stage')
    .description(
      'One release going to devices, stage by stage. ID may be 4 or more characters that the id begins or ends with, or "last".',
    );
  rollout
    .command('create <file>')
    .description(
      'Create a draft from a document, YAML or JSON; nothing goes to any device until it is launched.',
    )
    .addHelpText('after', examples('rollout create rollout.yaml'))
    .action((file: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const document = await readDocument(file);
        const client = await session.client();
        const view = await countedDraft(session, client, await createRollout(client, document));
        const nowMs = session.io.world.now();
        session.show(view, paragraphs([rolloutText(view, nowMs), reachText(view, nowMs)]));
        const next = view.approvals === undefined ? 'launch' : 'approve';
        session.note(`next: evenkeel rollout ${next} ${view.rollout}\n`);
      }),
    );
  rollout
    .command('count <id>')
    .description(
      'Count again whom a draft would reach: devices that were registered, tagged or updated since it was made are not in its count. ' +
        'Of a tenant 20 drafts are counted one after the other, then one in 3 minutes.',
    )
    .addHelpText('after', examples('rollout count last'))
    .action((id: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const asked = await countDraft(client, await findRollout(client, id));
        const view = await countedDraft(session, client, asked);
        const nowMs = session.io.world.now();
        session.show(view, paragraphs([rolloutText(view, nowMs), reachText(view, nowMs)]));
      }),
    );
  rollout
    .command('approve <id>')
    .description(
      'Approve a draft whose document asks for approvals, as somebody else than who created it. Shows the whole document and asks, ' +
        'unless --yes is given; what is approved is what was shown.',
    )
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rollout approve last'))
    .action((id: string, options: { yes?: boolean }, command: Command) =>
      shell.run(command, (session) => approve(session, id, options.yes ?? false)),
    );
  rollout
    .command('launch <file-or-id>')
    .description(
      'Create a rollout from a document and launch it, or launch a draft. Asks before it does, unless --yes is given.',
    )
    .option('--yes', 'do not ask')
    .option(
      '--once',
      'launch nothing where the very same document was launched before, and show that rollout, whatever became of it; of two at the same moment both launch',
    )
    .addHelpText(
      'after',
      examples(
        'rollout launch rollout.yaml',
        'rollout launch last --yes',
        'rollout launch rollout.yaml --yes --once --json',
      ),
    )
    .action((what: string, options: LaunchCommand, command: Command) =>
      shell.run(command, (session) => launch(session, what, options)),
    );
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
  addReportsCommand(rollout, shell);
  rollout
    .command('watch <id>')
    .description(
      'Watch a rollout until it is completed (exit code 0), halted or aborted (exit code 4), or the time is over (exit code 5; 6 where it ' +
        'stands still then: paused, stalled, or not launched). It may go on after a standstill, so that this is waited for, unless ' +
        '--exit-when-stalled is given: exit code 6 as soon as it stands still. On a terminal it is redrawn; elsewhere there is a line for every change, with --json a JSON document a line. A backend that is ' +
        'away is waited for, five minutes at most.',
    )
    .option('--interval <seconds>', 'time between two looks', whole(1, 3600), 1)
    .option('--timeout <seconds>', 'end after so long, whatever the rollout does', whole(1, 31_536_000))
    .option('--exit-when-stalled', 'end as soon as it is paused or stalled, or is a draft')
    .addHelpText(
      'after',
      examples('rollout watch last', 'rollout watch last --json --timeout 3600 --exit-when-stalled'),
    )
    .action((id: string, options: WatchCommand, command: Command) =>
      shell.run(command, (session) => watch(session, id, options)),
    );
  for (const [name, description, reason] of CONTROLS) {
    rollout
      .command(`${name} <id>`)
      .description(description)
      .requiredOption('--reason <text>', 'why, for the audit log')
      .addHelpText('after', examples(`rollout ${name} last --reason "${reason}"`))
      .action((id: string, options: { reason: string }, command: Command) =>
        shell.run(command, async (session) => {
          const client = await session.client();
          const view = await controlRollout(client, await findRollout(client, id), name, options.reason);
          session.show(view, rolloutText(view, session.io.world.now()));
        }),
      );
  }
  rollout
    .command('resume <id>')
    .description(
      'Resume a paused rollout; or a halted one, with excuses: devices or reasons whose failures are not the fault of the ' +
        'release. They leave the evidence, and are offered it once more; if it is still over the line, it stays halted.',
    )
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--excuse-device <ids>', 'devices whose failures do not count; again for more', list)
    .option('--excuse-reason <code>', 'failures do not count that show prints so; again for more', repeated)
    .addHelpText(
      'after',
      examples(
        'rollout resume last --reason "the report was about another product"',
        'rollout resume last --reason "power cut in hall 3" --excuse-device cam-17,cam-18',
        'rollout resume last --reason "power cut in hall 3" --excuse-reason silent',
      ),
    )
    .action((id: string, options: ResumeOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { reason, excuseDevice: devices = [], excuseReason: reasons = [] } = options;
        if (devices.length > 100) throw new UsageError('--excuse-device takes at most 100 devices at once');
        const client = await session.client();
        const excuse = devices.length + reasons.length === 0 ? undefined : { devices, reasons };
        const view = await resumeRollout(client, await findRollout(client, id), reason, excuse);
        session.show(view, rolloutText(view, session.io.world.now()));
      }),
    );
  for (const command of rollout.commands) {
    const [argument] = command.registeredArguments;
    if (argument?.name() === 'id') argument.description = ID;
  }
}

interface DevicesOptions {
  readonly end?: ListedEnd;
  readonly reason?: string;
  readonly limit: number;
}

interface ResumeOptions {
  readonly reason: string;
  readonly excuseDevice?: readonly string[];
  readonly excuseReason?: readonly string[];
}
