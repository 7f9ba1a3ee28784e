import type { Stage } from '../faults/stage.ts';
import type { DeviceTraits } from '../fleet/simulated-device.ts';
import { approveAndLaunch } from '../operators/approvers.ts';
import { keysOf, publishRelease } from '../operators/manufacturer.ts';
import type { Operator } from '../operators/operator.ts';
import { RandomStream } from '../world/random-stream.ts';
import type { WorldView } from '../world/simulated-world.ts';
import { PRODUCT } from './scenario.ts';

/** Makes products, devices and releases, as manufacturers do it; resolves once everything is known everywhere. */
export async function setUp({ host, fleet, operator, scenario }: Stage): Promise<void> {
  while (!host.isUp) await operator.pause(100);
  const hardware = [...new Set(scenario.releases.flatMap((release) => release.hardware))];
  // Also of who has no device any more in a history that was made smaller.
  const owners = [...scenario.devices, ...scenario.releases];
  for (const tenant of new Set(owners.map((owner) => owner.tenant))) {
    const { publicKey } = keysOf(tenant);
    await operator.insist(tenant, 'POST', '/products', { product: PRODUCT, hardware });
    await operator.insist(tenant, 'POST', `/products/${PRODUCT}/keys`, { name: 'build', publicKey });
  }
  // All at once: what is told to other services then goes in few batches.
  const registered = await Promise.all(
    scenario.devices.map(async (traits) => ({ traits, certificateId: await register(traits, operator) })),
  );
  for (const { traits, certificateId } of registered) fleet.add(traits, certificateId);
  await Promise.all(
    scenario.releases.map((release) => publishRelease(release, keysOf(release.tenant), operator, () => host)),
  );
  await operator.pause(5_000);
}

async function register(
  { tenant, deviceId, hardware, tags }: DeviceTraits,
  operator: Operator,
): Promise<string> {
  const body = { deviceId, product: PRODUCT, hardware, tags };
  return (await operator.insist(tenant, 'POST', '/devices', body)).body.certificateId;
}

/** Switches the devices on and launches the rollouts, each at its time. */
export function launchAll(stage: Stage, view: WorldView): void {
  const { fleet, operator, scenario } = stage;
  for (const device of fleet.devices) view.after(device.traits.startsAfterMs, () => void device.start());
  for (const [at, { tenant, document, atMs }] of scenario.rollouts.entries()) {
    view.after(60_000 + atMs, () => {
      void (async () => {
        const created = await operator.insist(tenant, 'POST', '/rollouts', { document });
        if (created.status !== 201) return;
        if (created.body.approvals === undefined) {
          await operator.insist(tenant, 'POST', `/rollouts/${created.body.rollout}/launch`);
          return;
        }
        const stream = new RandomStream(scenario.seed, `approvals ${at}`);
        await approveAndLaunch(operator, { tenant, draft: created.body }, stream);
      })();
    });
  }
}
