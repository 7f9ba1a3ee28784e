import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { AddHardware } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { addHardware } from './add-hardware.ts';

/** A manufacturer names a new revision of a board -> releases can be made for it. */
export const handler = onHttp(
  AddHardware,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)), clock, ids },
  addHardware,
);
