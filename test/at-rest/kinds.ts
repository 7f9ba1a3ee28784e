import type { Kept } from '../simulation/faults/witness.ts';
import type { Kind } from './kind.ts';
import { ACCESS_KINDS } from './kinds/access.ts';
import { AGENT_KINDS } from './kinds/agent.ts';
import { REGISTRY_KINDS } from './kinds/device-registry.ts';
import { FIRMWARE_KINDS } from './kinds/firmware-storage.ts';
import { logKinds } from './kinds/logs.ts';
import { messageKinds } from './kinds/messages.ts';
import { ROLLOUT_DEVICE_KINDS } from './kinds/rollout-devices.ts';
import { ROLLOUT_KINDS } from './kinds/rollouts.ts';
import { TELEMETRY_KINDS } from './kinds/telemetry-ingest.ts';

/** Everything that is kept while functions are replaced, or while a device is off. */
export const allKinds = async (): Promise<readonly Kind[]> => [
  ...REGISTRY_KINDS,
  ...FIRMWARE_KINDS,
  ...logKinds('rollout-orchestrator', 'rollouts'),
  ...ROLLOUT_KINDS,
  ...ROLLOUT_DEVICE_KINDS,
  ...TELEMETRY_KINDS,
  ...AGENT_KINDS,
  ...ACCESS_KINDS,
  ...(await messageKinds()),
];

/** Queues in which nothing of our own waits: what IoT Core's rules and dead letters are has contracts of its own, or is a copy. */
const IS_OF_OTHERS = /^queue\/(?:.*-dead|reports|permits|inventory|connected|disconnected)$/;

/** The kind of something that is kept; `undefined` for what has a contract elsewhere. Throws where none of the kinds is its own. */
export function kindOf(kinds: readonly Kind[], kept: Kept): Kind | undefined {
  if (IS_OF_OTHERS.test(kept.where)) return undefined;
  const [kind, another] = kinds.filter((one) => one.has(kept));
  if (kind !== undefined && another === undefined) return kind;
  const { where, what } = kept;
  const found = kind === undefined ? 'of no kind' : 'of several kinds';
  throw new TypeError(
    `${where} holds something ${found}: ${JSON.stringify(what).slice(0, 200)}; name it in test/at-rest/kinds`,
  );
}
