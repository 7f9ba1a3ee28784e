import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { PublishRelease } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { ReleaseStore } from '../../stores/release-store.ts';
import { publishRelease } from './publish-release.ts';

/** A manufacturer publishes a verified release -> it may be rolled out. */
export const handler = onHttp(
  PublishRelease,
  {
    products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)),
    releases: storeOver('FIRMWARE_TABLE', (table) => new ReleaseStore(table)),
    clock,
    ids,
  },
  publishRelease,
);
