import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { createRollout } from '../../cli/actions/create-rollout.ts';
import { pushRelease } from '../../cli/actions/push-release.ts';
import { createProduct, publishRelease } from '../../cli/actions/releases.ts';
import { launchRollout, showRollout } from '../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey } from '../../cli/actions/signing-keys.ts';
import { HARDWARE, PRODUCT, TO_VERSION } from './bench-product.ts';
import type { RunningHost } from './running-host.ts';

/** The release that is rolled out. */
export const RELEASE = `${PRODUCT}/${TO_VERSION}`;
const ARTIFACT_BYTES = 4_096;
/** Tries that a device has: as many rounds of permits can be measured. */
export const MOST_ATTEMPTS = 10;
const WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Makes the product with its signing key. */
export async function makeProduct({ client }: RunningHost): Promise<string> {
  const { privateKeyPem, publicKeyPem } = newSigningKey();
  await createProduct(client, { product: PRODUCT, hardware: [HARDWARE] });
  await addSigningKey(client, { product: PRODUCT, name: 'bench', publicKeyPem });
  return privateKeyPem;
}

/**
 * Pushes a small signed release, publishes it and launches it to everybody at once: first window and pace are as wide as the
 * document allows, so that what is measured is the host and not the caution of a rollout. Answers the rollout, once its
 * `members` are counted.
 */
export async function launchToAll(
  running: RunningHost,
  privateKeyPem: string,
  members: number,
): Promise<string> {
  const { client, directory } = running;
  const file = path.join(directory, 'bench-artifact.bin');
  await writeFile(file, randomBytes(ARTIFACT_BYTES));
  const artifacts = [{ hardware: HARDWARE, file }];
  await pushRelease(client, {
    product: PRODUCT,
    version: TO_VERSION,
    sequence: 'auto',
    artifacts,
    privateKeyPem,
  });
  await publishRelease(client, { product: PRODUCT, version: TO_VERSION });
  const { rollout } = await createRollout(client, {
    release: RELEASE,
    selector: `hardware = "${HARDWARE}"`,
    stages: [{ name: 'all', percent: '100%' }],
    pace: { firstWindow: 10_000, perMinute: 10_000_000 },
    retry: { attempts: MOST_ATTEMPTS },
  });
  await launchRollout(client, rollout);
  for (const untilMs = performance.now() + WITHIN_MS; ; ) {
    const view = await showRollout(client, rollout);
    if (view.members >= members && view.window.size > 0) return rollout;
    if (performance.now() > untilMs) throw new Error(`the rollout counted ${view.members} of ${members}`);
    await pause(realWorld, LOOK_AGAIN_MS);
  }
}
