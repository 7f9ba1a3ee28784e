import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { AddSigningKey } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { addSigningKey } from './add-signing-key.ts';

/** A manufacturer shows a public key -> releases that it signs are taken. */
export const handler = onHttp(
  AddSigningKey,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)), clock, ids },
  addSigningKey,
);
