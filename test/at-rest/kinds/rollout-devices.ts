import { AttemptStore } from '../../../services/rollout-orchestrator/stores/attempt-store.ts';
import { DeadlineStore } from '../../../services/rollout-orchestrator/stores/deadline-store.ts';
import { DeviceStore } from '../../../services/rollout-orchestrator/stores/device-store.ts';
import { FleetChangeStore } from '../../../services/rollout-orchestrator/stores/fleet-change-store.ts';
import { QuarantineStore } from '../../../services/rollout-orchestrator/stores/quarantine-store.ts';
import { ReleaseStore } from '../../../services/rollout-orchestrator/stores/release-store.ts';
import { type Kind, partsOf, rowKinds } from '../kind.ts';

const ONE = { limit: 1 };
/** Whose an attempt is, its row does not say. */
const TENANT = 'acme';
const HARDWARE = 'no-such-hardware';

/** What rollout-orchestrator keeps of devices and releases. */
export const ROLLOUT_DEVICE_KINDS: readonly Kind[] = rowKinds('rollout-orchestrator', 'rollouts', {
  device: {
    placedBy: ['rollout-orchestrator deviceKey'],
    pk: /^D#/,
    sk: /^[^#]+$/,
    read: ({ pk, sk }, rows) =>
      new DeviceStore(rows).read(partsOf(pk)[1] ?? '', String(sk), { consistent: true }),
  },
  attempt: {
    placedBy: ['rollout-orchestrator attemptKey'],
    pk: /^U#/,
    sk: /^[^#]+$/,
    read: ({ pk }, rows) => {
      const [, rollout = '', bucket = ''] = partsOf(pk);
      return new AttemptStore(rows).pageEnded(rollout, TENANT, Number.parseInt(bucket, 16), ONE);
    },
  },
  deadlines: {
    placedBy: ['rollout-orchestrator deadlineKey'],
    pk: /^L#/,
    sk: /^\d{13}#/,
    read: ({ pk }, rows) => {
      const [, rollout = '', shard] = partsOf(pk);
      return new DeadlineStore(rows).due(rollout, Number(shard), 9_999_999_999_999, ONE);
    },
  },
  quarantined: {
    placedBy: ['rollout-orchestrator quarantineKey'],
    pk: /^Q#/,
    sk: /^[^#]+$/,
    read: ({ pk }, rows) => new QuarantineStore(rows).list(partsOf(pk)[1] ?? '', ONE),
  },
  release: {
    placedBy: ['rollout-orchestrator releaseKey'],
    pk: /^P#/,
    sk: /^release#/,
    read: async ({ pk, sk }, rows) => {
      const [, tenant = '', product = ''] = partsOf(pk);
      const releases = new ReleaseStore(rows);
      const version = String(sk).slice('release#'.length);
      return {
        release: await releases.read(tenant, product, version),
        hardware: await releases.hardware(tenant, product, HARDWARE),
      };
    },
  },
  'fleet-change': {
    placedBy: ['rollout-orchestrator fleetChangeKey'],
    pk: /^P#/,
    sk: /^fleet-change$/,
    read: ({ pk }, rows) => {
      const [, tenant = '', product = ''] = partsOf(pk);
      return new FleetChangeStore(rows).changes(tenant, product, Number.MAX_SAFE_INTEGER);
    },
  },
});
