/** What can be compared: three names, the version that runs, and what the device or the registry says of it. */
export type Field =
  | { readonly kind: 'hardware' | 'product' | 'device' | 'version' }
  | { readonly kind: 'attribute'; readonly name: string };

/** `=` and `!=` for every field; order only for versions (SemVer) and attributes. */
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** What a field is compared with. Only attributes can be numbers or booleans. */
export type Literal = string | number | boolean;

/** A selector as a tree, plain data. `and` and `or` have at least two parts, `in` at least one value. */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'version-unknown' }
  | {
      readonly kind: 'compare';
      readonly field: Field;
      readonly operator: Operator;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly field: Field; readonly values: readonly Literal[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Selector[] };

/** What a selector looks at. */
export interface SelectorSubject {
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  /** What runs, as the device says it; absent where it never said. */
  readonly version?: string;
  readonly tags: readonly string[];
  readonly attributes: Readonly<Record<string, Literal>>;
}
