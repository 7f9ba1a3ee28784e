import { certificateIdOf } from '#host/testing/recording-identity.ts';
import type { Stage } from '../faults/stage.ts';
import type { DeviceTraits } from '../fleet/simulated-device.ts';
import type { Known } from '../model/known.ts';
import type { Watch } from '../model/watch.ts';
import type { WorldView } from '../world/simulated-world.ts';

const EVERY_MS = 120_000;
/** A check is answered by what was read up to two seconds before, and such a read may be a second behind. */
const UNCHANGED_MS = 3_000;
/** The clocks of two functions are up to four seconds apart, and a hold-out or an install hour may end for one and not yet for the other. */
const AGAIN_AFTER_MS = 5_000;

/** What a check is answered, and what `why` says of it (invariant 17). */
interface Answers {
  readonly decision: string;
  readonly rollout?: string;
}

/**
 * Asks why, and then asks as the device itself would, on one and the same state: both must say the same. Only in a kind world, and only
 * where nothing has changed for a while. Where they do not, they are asked once more, by clocks that have moved on.
 */
export function probe({ host, operator, scenario }: Stage, watch: Watch, view: WorldView): void {
  let asked = 0;
  const ask = async (changes: number): Promise<void> => {
    if (watch.changes !== changes) return;
    const traits = scenario.devices[asked % scenario.devices.length];
    if (traits === undefined) return;
    const differ = await compare(traits, changes);
    if (differ === undefined) return;
    await new Promise<void>((resolve) => view.after(AGAIN_AFTER_MS, resolve));
    const stillDiffer = await compare(traits, changes);
    if (stillDiffer !== undefined) watch.violate('invariant 17 (why equals the decision)', stillDiffer);
  };
  /** In what both differ on that state; `undefined` where they do not, or it cannot be told. */
  const compare = async (
    { tenant, deviceId }: DeviceTraits,
    changes: number,
  ): Promise<string | undefined> => {
    if (!host.isUp) return undefined;
    asked += 1;
    const why = await operator.call(tenant, 'GET', `/devices/${deviceId}/why`);
    const says = lastSaid(tenant, deviceId, watch.known);
    if (why.status !== 200 || says === undefined || !host.isUp) return undefined;
    const nonce = `probe-${String(asked).padStart(6, '0')}`;
    const thing = `${tenant}:${deviceId}`;
    const payload = Buffer.from(JSON.stringify({ v: 1, nonce, ...says })).toString('base64');
    const event = { payload, thing, client: thing, certificate: certificateIdOf(thing), at: host.clockMs };
    const name = host.running.functions.pools.find((pool) => pool.name.endsWith('-checkForUpdate'));
    watch.answers.delete(thing);
    await name?.invoke(event);
    if (watch.changes !== changes) return undefined;
    const got = watch.answers.get(thing);
    const told: Answers = { decision: 'nothing', ...got };
    const said: Answers = whyOf(why.body);
    watch.looked('17');
    if (said.decision === told.decision && said.rollout === told.rollout) return undefined;
    return `${thing}: why says ${textOf(said)}, a check is answered ${textOf(told)}`;
  };
  const again = () => {
    view.after(EVERY_MS - UNCHANGED_MS, () => {
      const { changes } = watch;
      view.after(UNCHANGED_MS, () => {
        // A function that fails in a kind world is found by others.
        void ask(changes).finally(again);
      });
    });
  };
  again();
}

function whyOf({
  decision,
  rollouts,
}: {
  readonly decision: string;
  readonly rollouts: readonly { readonly rollout: string; readonly rule: string }[];
}): Answers {
  const offered = rollouts.find(({ rule }) => rule === 'offered');
  return { decision, ...(offered && { rollout: offered.rollout }) };
}

/** What the device said of itself in its last check, as the orchestrator keeps it. */
function lastSaid(tenant: string, deviceId: string, known: Known) {
  for (const [key, item] of known.items) {
    if (!key.startsWith(`D#${tenant}#`) || !key.endsWith(` ${deviceId}`)) continue;
    const running = item.running as Readonly<Record<string, string | boolean>> | undefined;
    if (running === undefined) return undefined;
    const { version, digest, hardware, bootId, confirmed } = running;
    return {
      hardware,
      components: { main: { version, ...(digest !== undefined && { digest }) } },
      bootId,
      confirmed,
    };
  }
  return undefined;
}

const textOf = ({ decision, rollout }: Answers): string =>
  rollout === undefined ? decision : `${decision} of ${rollout}`;
