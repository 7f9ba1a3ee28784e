import type { Command } from 'commander';
import { controlRollout, findRollout, resumeRollout } from '../actions/rollouts.ts';
import { UsageError } from '../errors.ts';
import { rolloutText } from '../print/rollout.ts';
import { examples, list } from './arguments.ts';
import type { Shell } from './session.ts';

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

interface ResumeOptions {
  readonly reason: string;
  readonly excuseDevice?: readonly string[];
  readonly excuseReason?: readonly string[];
}

/** `rollout pause`, `advance`, `abort` and `resume`: what a person decides about one, with the reason. */
export function addControlCommands(rollout: Command, shell: Shell): void {
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
  addResume(rollout, shell);
}

function addResume(rollout: Command, shell: Shell): void {
  rollout
    .command('resume <id>')
    .description(
      'Resume a paused rollout; or a halted one, with excuses: devices or reasons whose failures are not the fault of the ' +
        'release. They leave the evidence, and are offered it once more; if it is still over the line, it stays halted.',
    )
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--excuse-device <ids>', 'devices whose failures do not count; again for more', list)
    .option('--excuse-reason <codes>', 'failures do not count that show prints so; again for more', list)
    .addHelpText(
      'after',
      examples(
        'rollout resume last --reason "the report was about another product"',
        'rollout resume last --reason "power cut in hall 3" --excuse-device cam-17,cam-18',
        'rollout resume last --reason "power cut in hall 3" --excuse-reason silent,lost',
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
}
