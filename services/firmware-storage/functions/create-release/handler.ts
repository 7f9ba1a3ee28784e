import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { CreateRelease } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { createRelease } from './create-release.ts';

/** A manufacturer hands in a signed manifest -> a draft release that waits for its artifacts. */
export const handler = onHttp(
  CreateRelease,
  {
    products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)),
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    clock,
    ids,
  },
  createRelease,
);
