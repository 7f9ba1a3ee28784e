import { storeOver } from '#shared/capabilities/needs.ts';
import { GetProduct } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { getProduct } from './get-product.ts';

/** Somebody asks for a product -> its hardware, its signing keys and its last sequence. */
export const handler = onHttp(
  GetProduct,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)) },
  getProduct,
);
