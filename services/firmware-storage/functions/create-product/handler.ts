import { clock, ids, storeOver } from '#shared/capabilities/needs.ts';
import { CreateProduct } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { createProduct } from './create-product.ts';

/** A manufacturer names a product and its hardware -> releases can be made for it. */
export const handler = onHttp(
  CreateProduct,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)), clock, ids },
  createProduct,
);
