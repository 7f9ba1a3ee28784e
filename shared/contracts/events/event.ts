import * as z from 'zod';
import { EpochMs, Tenant, Ulid } from '../names.ts';

/** What every event on the bus says besides its own matter. */
const Envelope = {
  /** The outbox id: unique for ever, consumers drop repeats by it. */
  id: Ulid,
  /** Version of this event's contract. */
  v: z.literal(1),
  tenant: Tenant,
  atMs: EpochMs,
};

/** A kind of event: who says it, what it is called, what it carries, and examples that tests hold producers and consumers to. */
export interface EventContract<Detail> {
  readonly source: string;
  readonly type: string;
  readonly detail: z.ZodType<Detail>;
  readonly examples: readonly Detail[];
}

/** Defines a kind of event; unknown keys in a received event are ignored, so that producers may add some. */
export function defineEvent<Shape extends z.ZodRawShape>(
  source: string,
  type: string,
  shape: Shape,
  examples: readonly z.infer<z.ZodObject<Shape & typeof Envelope>>[],
): EventContract<z.infer<z.ZodObject<Shape & typeof Envelope>>> {
  // Zod infers the spread of two shapes as their intersection only through a cast when one of them is generic.
  const detail = z.object({ ...Envelope, ...shape }) as unknown as z.ZodType<
    z.infer<z.ZodObject<Shape & typeof Envelope>>
  >;
  return { source, type, detail, examples };
}
