import type { Command } from 'commander';
import { type ReportsQuery, reportsOfRollout } from '../actions/rollout-reports.ts';
import { findRollout, showRollout } from '../actions/rollouts.ts';
import { reportsText } from '../print/reports.ts';
import { day, examples, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Shell } from './session.ts';

const MOST_REPORTS = 100_000;

/** `rollout reports`: what failed on which device, in the devices' own words. */
export function addReportsCommand(rollout: Command, shell: Shell): void {
  rollout
    .command('reports <id>')
    .description(
      'Read what devices reported of a rollout, in their own words, oldest first: which device, which step, and of a failure its ' +
        'reason and detail. Devices that fell silent report nothing: "rollout devices --end silent" names them.',
    )
    .option('--failed', 'only failures')
    .option('--reason <code>', 'only failures for this reason')
    .option('--device <id>', 'only of this device')
    .option('--day <date>', 'only of this day in UTC (default: each since the launch)', day)
    .option('--limit <n>', 'at most so many reports', whole(1, MOST_REPORTS), 1000)
    .addHelpText(
      'after',
      examples(
        'rollout reports last --failed',
        'rollout reports last --reason flash-write --json',
        'rollout reports last --device cam-0017 --day 2026-12-01',
      ),
    )
    .action((id: string, options: ReportsQuery, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const view = await showRollout(client, await findRollout(client, id));
        const reports = await reportsOfRollout(client, view, options);
        const isAll = options.failed !== true && options.reason === undefined;
        const text =
          reports.length === 0
            ? 'no such report; a report is in the log within a minute\n'
            : reportsText(reports, { by: 'device', ...(!isAll && { state: 'failed' }) });
        session.show({ rollout: view.rollout, reports }, text);
        tellMore(session, reports.length, options.limit, MOST_REPORTS);
      }),
    );
}
