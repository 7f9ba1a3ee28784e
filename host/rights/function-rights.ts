import { ConfigurationError } from '#shared/errors/errors.ts';
import type { PolicyStatement } from './policy-statement.ts';
import { matchesPattern, type PatternPart, parsePattern } from './wildcard-pattern.ts';

/** One action on one resource, as a statement allows it: the smallest right that can be granted or taken away. */
export interface Grant {
  /** Position of the statement, from 0. */
  readonly statement: number;
  /** The action as the statement has it, wildcards included. */
  readonly action: string;
  /** The resource as the statement has it, wildcards included. */
  readonly resource: string;
}

interface Right extends Grant {
  readonly effect: 'Allow' | 'Deny';
}

/** A right, as it is held against the resources of one action. */
interface RightOn {
  readonly right: Right;
  readonly resourcePattern: readonly PatternPart[];
}

interface RightsOfAction {
  readonly denied: readonly RightOn[];
  readonly allowed: readonly RightOn[];
}

/**
 * What the statements of a function allow it, evaluated as IAM does: a Deny that matches wins, then an Allow that matches
 * grants, and all else is denied. Actions match without regard to case, resources with. Remembers which rights were used.
 */
export class FunctionRights {
  readonly #rights: readonly Right[];
  readonly #byAction = new Map<string, RightsOfAction>();
  readonly #used = new Set<Right>();
  /** The last answer for each action: most functions touch one table, one queue. */
  readonly #last = new Map<string, { readonly arn: string; readonly granted: Right | undefined }>();

  /** Throws `ConfigurationError` for a resource with a policy variable, which the host does not resolve for functions. */
  constructor(statements: readonly PolicyStatement[]) {
    this.#rights = statements.flatMap(({ effect, actions, resources }, statement) =>
      actions.flatMap((action) =>
        resources.map((resource) => {
          checkNoVariable(resource);
          return { statement, effect, action, resource };
        }),
      ),
    );
  }

  /** The right by which `action` (`dynamodb:GetItem`) may be done to the resource of that ARN; `undefined`: it may not. */
  grants(action: string, arn: string): Grant | undefined {
    const last = this.#last.get(action);
    if (last?.arn === arn) return last.granted;
    const granted = this.#granting(action, arn);
    if (granted !== undefined) this.#used.add(granted);
    this.#last.set(action, { arn, granted });
    return granted;
  }

  #granting(action: string, arn: string): Right | undefined {
    const { denied, allowed } = this.#rightsOf(action);
    if (denied.some(({ resourcePattern }) => matchesPattern(resourcePattern, arn))) return undefined;
    return allowed.find(({ resourcePattern }) => matchesPattern(resourcePattern, arn))?.right;
  }

  /** Whether there is such a right. */
  allows(action: string, arn: string): boolean {
    return this.grants(action, arn) !== undefined;
  }

  /** What is allowed and was never needed: rights to take away, or calls that no test makes. */
  unused(): Grant[] {
    return this.#rights
      .filter((right) => right.effect === 'Allow' && !this.#used.has(right))
      .map(({ statement, action, resource }) => ({ statement, action, resource }));
  }

  /**
   * Actions are those of the capabilities' calls: a few dozen, so that all may be kept. Patterns are read here and not when a host
   * starts, which has hundreds of functions that may never be called.
   */
  #rightsOf(action: string): RightsOfAction {
    const known = this.#byAction.get(action);
    if (known !== undefined) return known;
    const asked = action.toLowerCase();
    const matching = this.#rights
      .filter((right) => matchesPattern(parsePattern(right.action.toLowerCase()), asked))
      .map((right) => ({ right, resourcePattern: parsePattern(right.resource) }));
    const found = {
      denied: matching.filter(({ right }) => right.effect === 'Deny'),
      allowed: matching.filter(({ right }) => right.effect === 'Allow'),
    };
    this.#byAction.set(action, found);
    return found;
  }
}

function checkNoVariable(resource: string): void {
  if (resource.includes('${')) {
    throw new ConfigurationError(
      `statement on ${resource}: policy variables are not supported for functions`,
    );
  }
}
