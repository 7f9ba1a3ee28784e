import { parseDocument } from '../parse-document.ts';
import type { RolloutDocument } from '../rollout-document.ts';

/** A document of one stage for everybody, with the defaults, but for the fields given. */
export function documentWith(fields: Readonly<Record<string, unknown>> = {}): RolloutDocument {
  return parseDocument({
    release: 'cam/2.1.0',
    selector: 'all',
    stages: [{ name: 'all', percent: 100 }],
    ...fields,
  });
}
