import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { pause } from '#shared/world/world.ts';
import { showRollout } from '../cli/actions/rollouts.ts';
import { watchRollout } from '../cli/actions/watch-rollout.ts';
import { rolloutText, summaryLine } from '../cli/print/rollout.ts';
import { BAD, type Cast, LOOK_EVERY_MS, PRODUCT } from './cast.ts';
import { launch } from './launch.ts';
import { hastyDocument } from './rollout-documents.ts';

/** W0, the default of every rollout document. */
const FIRST_WINDOW = 10;
const RESOLVED_WITHIN_MS = 90_000;

/** The second act: half of the devices brick silently on a firmware, and its rollout stops by itself. */
export async function rollOutBad(cast: Cast, file: string): Promise<void> {
  const { client, fleet, promises, stage } = cast;
  const devices = fleet.devices.length;
  const document = hastyDocument(`${PRODUCT}/${BAD}`);
  const rollout = await launch(cast, { file, version: BAD, document });
  stage.say('        half of the devices will brick on it without a word; nobody watches');
  const halted = await watchRollout(
    client,
    rollout,
    (seen) => stage.show(rolloutText(seen), summaryLine(seen)),
    {
      intervalMs: LOOK_EVERY_MS,
    },
  );
  stage.say(`        ${halted.state}: ${halted.reason ?? ''}`);
  const view = await untilResolved(cast, rollout);
  const bricked = fleet.devices.filter(({ state }) => state === 'bricked').length;
  const running = fleet.devices.filter(({ state }) => state === 'running').length;
  const { counts } = view;
  const scored = counts.silent + counts.lost;
  promises.look('the bad rollout halts by itself', view.state === 'halted', view.reason ?? view.state);
  promises.look(
    'it costs at most the first window',
    bricked > 0 && bricked <= FIRST_WINDOW,
    `${bricked} of ${devices} devices bricked, first window ${FIRST_WINDOW}`,
  );
  promises.look(
    'every bricked device is counted',
    scored === bricked,
    `${counts.silent} silent, ${counts.lost} lost`,
  );
  promises.look(
    'all other devices still run',
    running === devices - bricked,
    `${running} running, ${counts.good} of them on ${BAD}`,
  );
}

/** Waits until every attempt has ended: installs that had begun finish, and silence is scored. */
async function untilResolved({ stage, world, client }: Cast, rollout: string): Promise<RolloutView> {
  const untilMs = world.monotonicMs() + RESOLVED_WITHIN_MS;
  for (;;) {
    const view = await showRollout(client, rollout);
    const { granted, installing } = view.counts;
    if (granted + installing === 0 || world.monotonicMs() > untilMs) return view;
    stage.show(rolloutText(view), summaryLine(view));
    await pause(world, LOOK_EVERY_MS);
  }
}
