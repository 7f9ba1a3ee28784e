import type { Stage } from '../faults/stage.ts';
import { approveAndLaunch } from '../operators/approvers.ts';
import { keysOf, publishRelease } from '../operators/manufacturer.ts';
import { RandomStream } from '../world/random-stream.ts';
import type { WorldView } from '../world/simulated-world.ts';
import { PRODUCT } from './scenario.ts';

/** Makes products, devices and releases, as manufacturers do it; resolves once everything is known everywhere. */
export async function setUp({ host, fleet, operator, scenario }: Stage): Promise<void> {
  while (!host.isUp) await operator.pause(100);
  const hardware = [...new Set(scenario.releases.flatMap((release) => release.hardware))];
  for (const tenant of new Set(scenario.devices.map((device) => device.tenant))) {
    const { publicKey } = keysOf(tenant);
    await operator.insist(tenant, 'POST', '/products', { product: PRODUCT, hardware });
    await operator.insist(tenant, 'POST', `/products/${PRODUCT}/keys`, { name: 'build', publicKey });
  }
  for (const traits of scenario.devices) {
    const { tenant, deviceId, hardware: own, tags } = traits;
    const body = { deviceId, product: PRODUCT, hardware: own, tags };
    const { body: answer } = await operator.insist(tenant, 'POST', '/devices', body);
    fleet.add(traits, answer.certificateId);
  }
  for (const release of scenario.releases)
    await publishRelease(release, keysOf(release.tenant), operator, () => host);
  await operator.pause(5_000);
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
