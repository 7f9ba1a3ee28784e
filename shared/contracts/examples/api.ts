import type * as z from 'zod';
import type { ROUTES } from '../api/routes.ts';

/** A request as a client spells it: query parameters are text. */
export interface RequestExample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What a route is asked and what it answers, by variant; a route without a request example takes no input. */
export interface RouteExamples<Answer> {
  readonly request: Readonly<Record<string, RequestExample>>;
  readonly answer: Readonly<Record<string, Answer>>;
}

/** Examples of these routes, each answer typed by its contract. */
export type ExamplesOf<Name extends keyof typeof ROUTES> = {
  readonly [Key in Name]: RouteExamples<z.infer<(typeof ROUTES)[Key]['answer']>>;
};
