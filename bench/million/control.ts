import { gateKey } from '../../services/rollout-orchestrator/stores/keys.ts';
import { TO_VERSION } from '../setup/bench-product.ts';
import { FleetModel } from './fleet-model.ts';
import { draftRollout, publishRelease } from './launched-rollout.ts';
import type { SocketlessHost } from './socketless-host.ts';

const NEXT_VERSION = '1.2.0';
/** The first window: more may not be exposed. */
const BAD_DEVICES = 10;
/** So many of ten cross the line. */
const ENOUGH_BAD = 2;
const TURN_MS = 1_000;
const WITHIN_FIELD_MS = 3_600_000;

/** What one decision about a whole fleet cost: items written (each one of a transaction counts), and how long it took. */
export interface ControlFigure {
  readonly decision: string;
  readonly writes: number;
  readonly ms: number;
}

/**
 * Launches another rollout over a fleet that has just been updated by the one `before`, opens its second stage by hand, and lets it
 * halt because the first devices fail. Counted is what is written to tables from the call until its answer, which follows the commit; the members
 * are counted in the background after that.
 */
export async function controlFigures(
  host: SocketlessHost,
  size: number,
  before: string,
): Promise<ControlFigure[]> {
  host.writes.over = before;
  await publishRelease(host, NEXT_VERSION, 3);
  const rollout = await draftRollout(host, NEXT_VERSION);
  // Whom it would reach is counted in the background, and a person looks at that first.
  await until(host, async () => (await previewOf(host, rollout)) === 'counted');
  const launch = await measured(host, 'launch', () => host.call('POST', `/rollouts/${rollout}/launch`));
  await until(host, async () => (await ceilingOf(host, rollout)) > 0);
  const opened = await measured(host, 'opening a stage', () =>
    host.call('POST', `/rollouts/${rollout}/advance`, { reason: 'to be measured' }),
  );
  // What is measured is a look that nobody else takes before.
  host.looksAreHeld = true;
  const fleet = new FleetModel(
    host,
    { rollout, from: TO_VERSION, to: NEXT_VERSION, boots: 2, fails: true },
    size,
  );
  fleet.wake(1, BAD_DEVICES);
  await until(host, async () => {
    fleet.act(BAD_DEVICES);
    return (await failedOf(host, rollout)) >= ENOUGH_BAD;
  });
  const halt = await measured(host, 'halting', () => host.invoke('advanceRollouts', lookAt(rollout)));
  const { state } = await host.call('GET', `/rollouts/${rollout}`);
  if (state !== 'halted') throw new Error(`a rollout whose devices all fail is ${String(state)}`);
  return [launch, opened, halt];
}

async function measured(
  host: SocketlessHost,
  decision: string,
  run: () => Promise<unknown>,
): Promise<ControlFigure> {
  const before = host.writes.items;
  const fromMs = performance.now();
  await run();
  return { decision, writes: host.writes.items - before, ms: performance.now() - fromMs };
}

/** Lets time pass in the field until that is so. */
async function until(host: SocketlessHost, isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = host.world.monotonicMs() + WITHIN_FIELD_MS; !(await isSo()); ) {
    if (host.world.monotonicMs() > endMs) throw new Error('nothing moved in an hour of the field');
    await host.turn(host.world.monotonicMs() + TURN_MS);
  }
}

async function previewOf(host: SocketlessHost, rollout: string): Promise<string | undefined> {
  const { preview } = await host.call('GET', `/rollouts/${rollout}`);
  return (preview as { readonly state: string } | undefined)?.state;
}

async function ceilingOf(host: SocketlessHost, rollout: string): Promise<number> {
  const [gate] = await host.rollouts.get([gateKey(rollout)], { consistent: true });
  return Number(gate?.ceiling);
}

async function failedOf(host: SocketlessHost, rollout: string): Promise<number> {
  const { counts, state } = await host.call('GET', `/rollouts/${rollout}`);
  if (state !== 'running') throw new Error(`the rollout was ${String(state)} before it was looked at`);
  return (counts as { readonly failed: number }).failed;
}

/** What the queue of advance-rollouts would hand over. */
function lookAt(rollout: string): unknown {
  const attributes = { ApproximateReceiveCount: '1', SentTimestamp: '0' };
  return { Records: [{ messageId: '1', receiptHandle: '1', body: JSON.stringify({ rollout }), attributes }] };
}
