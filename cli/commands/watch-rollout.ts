import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { findRollout } from '../actions/rollouts.ts';
import { hasEnded, standsStill, watchRollout } from '../actions/watch-rollout.ts';
import { EXIT } from '../print/failure.ts';
import { LiveText } from '../print/live-text.ts';
import { rolloutText, stateText, summaryLine } from '../print/rollout.ts';
import { nextText } from '../print/rollout-next.ts';
import { moment } from '../print/units.ts';
import type { Session } from './session.ts';

/** How a person or a script watches. */
export interface WatchCommand {
  /** Seconds between two looks. */
  readonly interval: number;
  /** Seconds after which the watch ends, whatever the rollout does; for as long as it takes unless given. */
  readonly timeout?: number;
  /** End as soon as it is paused or stalled, too: a script cannot make it go on. */
  readonly exitWhenStalled?: boolean;
}

/** Shows a rollout until it ends, the time is over or the person stops looking; the exit code says which, 0 only for completed. */
export async function watch(session: Session, id: string, options: WatchCommand): Promise<void> {
  const { io, json } = session;
  const client = await session.client();
  const rollout = await findRollout(client, id);
  const live = !json && io.outIsTerminal ? new LiveText(io.out, io.size) : undefined;
  let told = '';
  let troubleTold = '';
  const show = (view: RolloutView) => {
    const nowMs = io.world.now();
    if (json) return io.out(`${JSON.stringify(view)}\n`);
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
