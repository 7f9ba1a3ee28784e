import { storeOver } from '#shared/capabilities/needs.ts';
import { ListReleases } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { listReleases } from './list-releases.ts';

/** Somebody lists the releases of a product -> a page of them, newest first. */
export const handler = onHttp(
  ListReleases,
  {
    products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)),
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
  },
  listReleases,
);
