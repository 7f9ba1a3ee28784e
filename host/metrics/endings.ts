import type { World } from '#shared/world/world.ts';
import type { HeldToken } from '../access/access-tokens.ts';
import { endsWithinMs } from '../access/token-span.ts';
import type { Family } from './exposition.ts';

/** What of a host ends on a day. */
export interface Ending {
  /** When certificates end, milliseconds since 1970. */
  readonly certificates: {
    readonly server: { readonly endsAtMs: number };
    readonly authority: { readonly endsAtMs: number };
  };
  /** Those of people; `undefined` while their list cannot be read. */
  readonly tokens: () => Promise<readonly HeldToken[] | undefined>;
  readonly world: Pick<World, 'now'>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days until each certificate ends. */
export function certificateFamily({ certificates, world }: Ending): Family {
  return {
    name: 'evenkeel_certificate_days_left',
    type: 'gauge',
    help: 'Days until the certificate of the server ends, which renews itself a month ahead, and that of the authority of devices.',
    samples: Object.entries(certificates).map(([certificate, { endsAtMs }]) => ({
      labels: { certificate },
      value: Math.max(0, (endsAtMs - world.now()) / DAY_MS),
    })),
  };
}

/** How many tokens of people are near their end; without their names, and without a sample while nobody can know. */
export async function tokenFamily({ tokens, world }: Ending): Promise<Family> {
  const near = (await tokens())?.filter(({ span }) => span && endsWithinMs(span, world.now()) !== undefined);
  return {
    name: 'evenkeel_tokens_ending',
    type: 'gauge',
    help: 'Tokens of people that end within a week; of those that were made for less, within a day.',
    samples: near === undefined ? [] : [{ value: near.length }],
  };
}
