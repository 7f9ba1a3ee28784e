import { splitThing } from '#shared/contracts/names.ts';
import { DeviceStore } from '../../../services/device-registry/stores/device-store.ts';
import { PresenceStore } from '../../../services/device-registry/stores/presence-store.ts';
import { type Kind, partsOf, rowKinds } from '../kind.ts';
import { logKinds } from './logs.ts';

const SERVICE = 'device-registry';

/** What device-registry keeps. */
export const REGISTRY_KINDS: readonly Kind[] = [
  ...logKinds(SERVICE, 'registry'),
  ...rowKinds(SERVICE, 'registry', {
    device: {
      placedBy: ['device-registry deviceKey'],
      pk: /^D#/,
      sk: /^device$/,
      read: ({ pk }, rows) => {
        const { tenant, deviceId } = splitThing(partsOf(pk)[1] ?? '');
        return new DeviceStore(rows).find(tenant, deviceId);
      },
    },
  }),
  ...rowKinds(SERVICE, 'presence', {
    presence: {
      placedBy: ['device-registry keyOf'],
      pk: /^D#/,
      sk: /^presence$/,
      read: ({ pk }, rows) => new PresenceStore(rows).find([partsOf(pk)[1] ?? ''], { consistent: true }),
    },
  }),
];
