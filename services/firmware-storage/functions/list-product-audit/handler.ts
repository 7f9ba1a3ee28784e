import { SealStore } from '#shared/audit/seal-store.ts';
import { storeOver } from '#shared/capabilities/needs.ts';
import { ListProductAudit } from '#shared/contracts/api/audit.ts';
import { onHttp } from '#shared/lambda/on-http.ts';
import { ProductStore } from '../../stores/product-store.ts';
import { listProductAudit } from './list-product-audit.ts';

/** Who decided what about a product, its keys and its releases, oldest first. */
export const handler = onHttp(
  ListProductAudit,
  {
    products: storeOver('FIRMWARE_TABLE', (table) => new ProductStore(table)),
    seals: storeOver('FIRMWARE_TABLE', (table) => new SealStore(table)),
  },
  listProductAudit,
);
