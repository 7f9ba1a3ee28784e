import { artifactKey, readUploadKey } from '../../../services/firmware-storage/domain/object-keys.ts';
import { ProductStore } from '../../../services/firmware-storage/stores/product-store.ts';
import { ReleaseStore } from '../../../services/firmware-storage/stores/release-store.ts';
import { type Kind, partsOf, rowKinds } from '../kind.ts';
import { logKinds } from './logs.ts';

const SERVICE = 'firmware-storage';

function productOf(pk: unknown) {
  const [, tenant = '', product = ''] = partsOf(pk);
  return { tenant, product };
}

/** What firmware-storage keeps. */
export const FIRMWARE_KINDS: readonly Kind[] = [
  ...logKinds(SERVICE, 'firmware'),
  ...rowKinds(SERVICE, 'firmware', {
    product: {
      placedBy: ['firmware-storage productKey'],
      pk: /^P#/,
      sk: /^product$/,
      read: ({ pk }, rows) => new ProductStore(rows).find(productOf(pk)),
    },
    release: {
      placedBy: ['firmware-storage releaseKey'],
      pk: /^P#/,
      sk: /^release#/,
      read: ({ pk, sk }, rows) =>
        new ReleaseStore(rows).find({ ...productOf(pk), version: String(sk).slice('release#'.length) }),
    },
    sequence: {
      placedBy: ['firmware-storage sequenceKey'],
      pk: /^P#/,
      sk: /^sequence#/,
      read: async ({ pk }, rows) => {
        await new ReleaseStore(rows).list(productOf(pk), { limit: 1 });
        return { leadsTo: rows.asked };
      },
    },
  }),
  {
    name: `${SERVICE}/upload`,
    has: ({ where, what }) => where === 'bucket' && String(what.key).startsWith('uploads/'),
    read: async ({ key }) => readUploadKey(String(key)),
  },
  {
    name: `${SERVICE}/artifact`,
    has: ({ where, what }) => where === 'bucket' && String(what.key).startsWith('artifacts/'),
    read: async ({ key }) => {
      const sha256 = String(key).split('/').at(-1) ?? '';
      return { sha256, isWhereItIsLookedFor: artifactKey(sha256) === key };
    },
  },
];
