import * as z from 'zod';
import { Ulid } from '../names.ts';
import { defineRoute } from './route.ts';

const Dollars = z.number().min(0);

/** One term of a bill: what AWS counts, how much of it, and what that makes. */
export const CostTerm = z.object({
  term: z.string(),
  units: z.number().min(0),
  dollars: Dollars,
});
export type CostTerm = z.infer<typeof CostTerm>;

/** Something that was done so many times, and what it cost. */
export const CostStep = z.object({
  step: z.string(),
  text: z.string(),
  count: z.number().min(0),
  dollars: Dollars,
  /** What a million devices make of it; absent where it does not grow with them. */
  dollarsPerMillion: Dollars.optional(),
  terms: z.array(CostTerm),
});
export type CostStep = z.infer<typeof CostStep>;

/** What a rollout has cost at AWS list prices since its launch, US dollars. */
export const RolloutCost = z.object({
  rollout: Ulid,
  /** `metered`: counted call by call; `modelled`: the rollout's own counters times what a step was measured to take. */
  basis: z.enum(['metered', 'modelled']),
  prices: z.string(),
  /** Permits granted so far: what the steps of an update are divided by. */
  devices: z.number().int().min(0),
  /** Offer, permit, reports and proof of a million devices. */
  updateDollarsPerMillion: Dollars.optional(),
  update: z.array(CostStep),
  /** What this rollout needs whatever the number of its devices, so far. */
  control: z.array(CostStep.omit({ dollarsPerMillion: true })),
  /** What went on meanwhile and is nobody's in particular, per million of each: idle checks among it. */
  meanwhile: z.array(CostStep),
  /** What goes on without any update, for a million devices. */
  standing: z.array(z.object({ what: z.string(), dollars: Dollars, note: z.string() })),
  assumptions: z.array(z.string()),
});
export type RolloutCost = z.infer<typeof RolloutCost>;

/** What a rollout costs. */
export const GetRolloutCost = defineRoute({
  method: 'GET',
  path: '/rollouts/{rollout}/cost',
  summary: 'Show what a rollout costs at AWS list prices, term by term',
  role: 'viewer',
  params: z.strictObject({ rollout: Ulid }),
  answer: RolloutCost,
});
