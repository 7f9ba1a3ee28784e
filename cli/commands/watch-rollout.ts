import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { findRollout } from '../actions/rollouts.ts';
import { hasEnded, watchRollout } from '../actions/watch-rollout.ts';
import { EXIT } from '../print/failure.ts';
import { LiveText } from '../print/live-text.ts';
import { rolloutText, summaryLine } from '../print/rollout.ts';
import { moment } from '../print/units.ts';
import type { Session } from './session.ts';

/** Shows a rollout until it ends or the person stops looking; the exit code is 0 only for completed, 1 for halted and aborted. */
export async function watch(session: Session, id: string, intervalSeconds: number): Promise<void> {
  const { io, json } = session;
  const client = await session.client();
  const rollout = await findRollout(client, id);
  const live = !json && io.outIsTerminal ? new LiveText(io.out, io.size) : undefined;
  let told = '';
  const show = (view: RolloutView) => {
    const nowMs = io.world.now();
    if (json) return io.out(`${JSON.stringify(view)}\n`);
    if (live !== undefined) return live.draw(rolloutText(view));
    const line = summaryLine(view);
    // A view may change where its line does not.
    if (line !== told) io.out(`${moment(nowMs)} ${line}\n`);
    told = line;
  };
  const stop = io.untilStopped();
  const last = await watchRollout(client, rollout, show, {
    intervalMs: intervalSeconds * 1000,
    stop,
    onTrouble: (error) => {
      live?.keep();
      session.note(error === undefined ? 'the backend answers again\n' : `${error.message}; trying again\n`);
    },
  });
  if (last.state === 'completed') return;
  const isStopped = stop.aborted && !hasEnded(last);
  if (!isStopped) return session.endWith(EXIT.failed);
  session.endWith(stop.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
}
