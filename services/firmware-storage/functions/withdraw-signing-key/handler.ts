import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { WithdrawSigningKey } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { withdrawSigningKey } from './withdraw-signing-key.ts';

/** A manufacturer takes a signing key back -> nothing that it has signed is taken or published any more. */
export const handler = onHttp(
  WithdrawSigningKey,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)), clock, ids },
  withdrawSigningKey,
);
