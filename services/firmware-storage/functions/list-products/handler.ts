import { storeOver } from '#shared/capabilities/needs.ts';
import { ListProducts } from '#shared/contracts/api/firmware.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { listProducts } from './list-products.ts';

/** Somebody lists products -> a page of the tenant's products in order of name. */
export const handler = onHttp(
  ListProducts,
  { products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table), 'byTenant') },
  listProducts,
);
