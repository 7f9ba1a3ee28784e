import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { watchRollout } from '../cli/actions/watch-rollout.ts';
import { exposedOf, rolloutText, summaryLine } from '../cli/print/rollout.ts';
import { type Cast, GOOD, LOOK_EVERY_MS, PRODUCT } from './cast.ts';
import { launch } from './launch.ts';
import { stagedDocument } from './rollout-documents.ts';

/** The first act: a good firmware goes out in stages and reaches every device; answers its rollout. */
export async function rollOutGood(cast: Cast, file: string): Promise<string> {
  const { client, fleet, promises, stage } = cast;
  const devices = fleet.devices.length;
  const document = stagedDocument(`${PRODUCT}/${GOOD}`);
  const rollout = await launch(cast, { file, version: GOOD, document });
  let overCeiling = 0;
  const view = await watchRollout(
    client,
    rollout,
    (seen) => {
      if (isOverCeiling(seen)) overCeiling += 1;
      stage.show(rolloutText(seen), summaryLine(seen));
    },
    { intervalMs: LOOK_EVERY_MS },
  );
  const digest = await digestOf(file);
  const proven = fleet.devices.filter(
    (device) => device.version === GOOD && device.digest === digest && device.confirmed,
  );
  const { counts } = view;
  promises.look('the good rollout completes', view.state === 'completed', `state ${view.state}`);
  promises.look(
    'every device proves the new firmware',
    counts.good === devices,
    `${counts.good} good of ${devices}`,
  );
  promises.look(
    'every device truly runs its bytes',
    proven.length === devices,
    `${proven.length} slots with sha256 ${digest.slice(0, 12)}`,
  );
  promises.look(
    'no stage goes over its ceiling',
    overCeiling === 0,
    view.stages.map(({ name, ceiling }) => `${name} ${ceiling}`).join(', '),
  );
  promises.look(
    'no device is counted twice',
    sumOf(view) === devices,
    `${sumOf(view)} attempts, ${devices} devices`,
  );
  return rollout;
}

function isOverCeiling(view: RolloutView): boolean {
  const open = view.stages.find(({ state }) => state === 'open');
  return open?.ceiling !== undefined && exposedOf(view.counts) - view.counts.transient > open.ceiling;
}

function sumOf({ counts }: RolloutView): number {
  const { granted, installing, good, failed, reverted, silent, lost } = counts;
  return granted + installing + good + failed + reverted + silent + lost;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
