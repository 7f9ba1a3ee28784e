import { stat } from 'node:fs/promises';
import { createRollout } from '../cli/actions/create-rollout.ts';
import { pushRelease } from '../cli/actions/push-release.ts';
import { publishRelease } from '../cli/actions/releases.ts';
import { launchRollout } from '../cli/actions/rollouts.ts';
import { bytes } from '../cli/print/units.ts';
import { type Cast, HARDWARE, PRODUCT } from './cast.ts';

/** Signs, uploads and publishes a firmware, and launches its rollout; answers the rollout's id. */
export async function launch(
  { stage, client, key }: Cast,
  release: { readonly file: string; readonly version: string; readonly document: Record<string, unknown> },
): Promise<string> {
  const { file, version, document } = release;
  const { size } = await stat(file);
  stage.step(`release ${PRODUCT}/${version} (${bytes(size)}) is signed, uploaded and verified`);
  await pushRelease(
    client,
    {
      product: PRODUCT,
      version,
      sequence: 'auto',
      artifacts: [{ hardware: HARDWARE, file }],
      privateKeyPem: key.privateKeyPem,
    },
    ({ step, bytes: done, totalBytes }) =>
      stage.show(`        ${step} ${bytes(done)} of ${bytes(totalBytes)}`, step),
  );
  await publishRelease(client, { product: PRODUCT, version });
  const { rollout, haltsAt } = await createRollout(client, document);
  await launchRollout(client, rollout);
  stage.say(`        published; rollout ${rollout} is launched and halts at ${haltsAt} bad devices`);
  return rollout;
}
