import { dump } from 'js-yaml';
import { asyncApi } from './asyncapi.ts';
import { openApi } from './openapi.ts';
import { deviceVectors } from './vectors/vectors.ts';

/** A document that is made from the contracts; a test holds the file equal to what `make` gives. */
export interface GeneratedDocument {
  /** From the root of the repository. */
  readonly file: string;
  make(version: string): string;
}

/** All documents that are made from the contracts. */
export const DOCUMENTS: readonly GeneratedDocument[] = [
  { file: 'docs/openapi.yaml', make: (version) => dump(openApi(version), { noRefs: true, lineWidth: 120 }) },
  {
    file: 'docs/asyncapi.yaml',
    make: (version) => dump(asyncApi(version), { noRefs: true, lineWidth: 120 }),
  },
  { file: 'docs/vectors/device.json', make: () => `${JSON.stringify(deviceVectors(), null, 2)}\n` },
];
