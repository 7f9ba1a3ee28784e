import type { PolicyStatement } from '#host/rights/policy-statement.ts';
import type { Rights } from './guarded.ts';

/** Decides by statements: `(action, arn) => allowed`. */
export type Decide = (action: string, arn: string) => boolean;

/** One action on one resource, as a statement grants it. */
interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly covers: Decide;
  isUsed: boolean;
}

/** Decisions that are remembered, at most: keys of objects and topics of devices never end. */
const MOST_REMEMBERED = 2_000;

/** The rights of one function by its statements, and which of them it has used. */
export class FunctionRights implements Rights {
  readonly #decide: Decide;
  readonly #grants: readonly Grant[];
  readonly #decisions = new Map<string, boolean>();

  /** `compile` makes a decision function of statements. */
  constructor(
    statements: readonly PolicyStatement[],
    compile: (statements: readonly PolicyStatement[]) => Decide,
  ) {
    this.#decide = compile(statements);
    this.#grants = statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
      )
      .map(({ action, resource }) => ({
        action,
        resource,
        covers: compile([{ effect: 'Allow', actions: [action], resources: [resource] }]),
        isUsed: false,
      }));
  }

  allows(action: string, arn: string): boolean {
    const asked = `${action} ${arn}`;
    const known = this.#decisions.get(asked);
    if (known !== undefined) return known;
    const isAllowed = this.#decide(action, arn);
    if (isAllowed) this.#noteUse(action, arn);
    if (this.#decisions.size >= MOST_REMEMBERED) this.#decisions.clear();
    this.#decisions.set(asked, isAllowed);
    return isAllowed;
  }

  /** Grants that no call has needed so far: `<action> on <resource>`. */
  unused(): string[] {
    return this.#grants
      .filter(({ isUsed }) => !isUsed)
      .map(({ action, resource }) => `${action} on ${resource}`);
  }

  #noteUse(action: string, arn: string): void {
    for (const grant of this.#grants) grant.isUsed ||= grant.covers(action, arn);
  }
}
