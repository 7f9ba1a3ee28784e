import type { Command } from 'commander';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { printableJson } from '#shared/program/printable-line.ts';
import { findRollout } from '../actions/rollouts.ts';
import { hasEnded, standsStill, watchRollout } from '../actions/watch-rollout.ts';
import { EXIT } from '../print/failure.ts';
import { LiveText } from '../print/live-text.ts';
import { rolloutText, stateText, summaryLine } from '../print/rollout.ts';
import { nextText } from '../print/rollout-next.ts';
import { moment } from '../print/units.ts';
import { examples, whole } from './arguments.ts';
import type { Session, Shell } from './session.ts';

/** How a person or a script watches. */
interface WatchCommand {
  /** Seconds between two looks. */
  readonly interval: number;
  /** Seconds after which the watch ends, whatever the rollout does; for as long as it takes unless given. */
  readonly timeout?: number;
  /** End as soon as it is paused or stalled, too: a script cannot make it go on. */
  readonly exitWhenStalled?: boolean;
}

/** `rollout watch`: how a rollout goes on, until it ends or stands still. */
export function addWatchCommand(rollout: Command, shell: Shell): void {
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
}

/** Shows a rollout until it ends, the time is over or the person stops looking; the exit code says which, 0 only for completed. */
async function watch(session: Session, id: string, options: WatchCommand): Promise<void> {
  const { io, json } = session;
  const client = await session.client();
  const rollout = await findRollout(client, id);
  const live = !json && io.outIsTerminal ? new LiveText(io.out, io.size) : undefined;
  let told = '';
  let troubleTold = '';
  const show = (view: RolloutView) => {
    const nowMs = io.world.now();
    if (json) return io.out(`${printableJson(view)}\n`);
    if (live !== undefined) return live.draw(rolloutText(view));
    const line = summaryLine(view);
    // A view may change where its line does not.
    if (line !== told) io.out(`${moment(nowMs)} ${line}\n`);
    told = line;
  };
  const stopped = io.untilStopped();
  const over = new AbortController();
  const { timeout } = options;
  const cancel = timeout === undefined ? undefined : io.world.after(timeout * 1000, () => over.abort());
  try {
    const last = await watchRollout(client, rollout, show, {
      intervalMs: options.interval * 1000,
      endsAtStandstill: options.exitWhenStalled ?? false,
      stop: AbortSignal.any([stopped, over.signal]),
      onTrouble: (error) => {
        const trouble = error === undefined ? 'the backend answers again' : `${error.message}; trying again`;
        // An outage is told once, and not with every look.
        if (trouble === troubleTold) return;
        troubleTold = trouble;
        live?.keep();
        session.note(`${trouble}\n`);
      },
    });
    end(session, last, stopped);
  } finally {
    cancel?.();
  }
}

function end(session: Session, last: RolloutView, stopped: AbortSignal): void {
  const { rollout, state } = last;
  if (state === 'halted') session.note(`next: evenkeel rollout show ${rollout}\n`);
  if (!hasEnded(last) && !stopped.aborted) {
    const goOn = `go on with evenkeel rollout watch ${rollout}`;
    session.note(`it is ${stateText(last)} still; ${goOn}\n${nextText(last)}`);
  }
  session.endWith(exitCodeOf(last, stopped));
}

function exitCodeOf(last: RolloutView, stopped: AbortSignal): number {
  if (last.state === 'completed') return EXIT.ok;
  if (hasEnded(last)) return EXIT.halted;
  if (!stopped.aborted) return standsStill(last) ? EXIT.standsStill : EXIT.notYet;
  return stopped.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
}
