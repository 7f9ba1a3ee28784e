import type { Item } from '#shared/capabilities/table.ts';
import { type Invariant, must, wrong } from '../invariant.ts';

/** What the row of a release says of it. */
interface ReleaseItem {
  readonly tenant: string;
  readonly version: string;
  readonly state: string;
  readonly signature: { readonly keyId: string };
}

/** What the row of a product says of it. */
interface ProductItem {
  readonly hardware: readonly string[];
  readonly keys: readonly { readonly keyId: string; readonly withdrawn?: Item }[];
}

export const nothingDistrusted: Invariant = {
  number: 1,
  rule: 'once the withdrawal of a key is written, nothing is created or published that it has signed',
  onStored(key, item, known) {
    if (!/^P#\S+ release#/.test(key)) return 'pass';
    const { tenant, version, state, signature } = item as unknown as ReleaseItem;
    const was = known.releaseStates.get(key);
    known.releaseStates.set(key, state);
    const { keys = [] } = (known.productOf(tenant) ?? {}) as Partial<ProductItem>;
    const signedBy = keys.find(({ keyId }) => keyId === signature.keyId);
    const isWithdrawn =
      signedBy?.withdrawn !== undefined || known.distrusted.has(`${tenant} ${signature.keyId}`);
    if (!isWithdrawn) return 'pass';
    const isNew = was === undefined || (state === 'published' && was !== state);
    return must(!isNew, () => `${version} of ${tenant} is ${state}, and its key was withdrawn before`);
  },
};

export const productsAreKept: Invariant = {
  number: 13,
  rule: 'the hardware that a product was answered to have it keeps, and a key that is withdrawn stays so',
  onEnd(known) {
    const productOf = (tenant: string): ProductItem | undefined =>
      known.otherLogs
        .map((items) => items.get(`P#${tenant}#cam product`))
        .find((item) => item !== undefined) as ProductItem | undefined;
    for (const [tenant = '', added = ''] of [...known.hardware].map((one) => one.split(' ')))
      if (productOf(tenant)?.hardware.includes(added) !== true)
        return wrong(`${added} was added to the product of ${tenant}, which does not have it`);
    for (const [tenant = '', keyId] of [...known.distrusted].map((one) => one.split(' ')))
      if (productOf(tenant)?.keys.find((one) => one.keyId === keyId)?.withdrawn === undefined)
        return wrong(`a key of ${tenant} was withdrawn, and is trusted again`);
    return known.hardware.size + known.distrusted.size === 0 ? 'pass' : 'holds';
  },
};
