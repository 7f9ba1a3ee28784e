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
  readonly actionPattern: readonly PatternPart[];
  readonly resourcePattern: readonly PatternPart[];
}

interface RightsOfAction {
  readonly denied: readonly Right[];
  readonly allowed: readonly Right[];
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
        resources.map((resource) => ({
          statement,
          effect,
          action,
          resource,
          actionPattern: parsePattern(action.toLowerCase()),
          resourcePattern: patternWithoutVariables(resource),
        })),
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
    if (denied.some((right) => matchesPattern(right.resourcePattern, arn))) return undefined;
    return allowed.find((right) => matchesPattern(right.resourcePattern, arn));
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

  /** Actions are those of the capabilities' calls: a few dozen, so that all may be kept. */
  #rightsOf(action: string): RightsOfAction {
    const known = this.#byAction.get(action);
    if (known !== undefined) return known;
    const matching = this.#rights.filter((right) =>
      matchesPattern(right.actionPattern, action.toLowerCase()),
    );
    const found = {
      denied: matching.filter((right) => right.effect === 'Deny'),
      allowed: matching.filter((right) => right.effect === 'Allow'),
    };
    this.#byAction.set(action, found);
    return found;
  }
}

function patternWithoutVariables(resource: string): PatternPart[] {
  if (resource.includes('${')) {
    throw new ConfigurationError(
      `statement on ${resource}: policy variables are not supported for functions`,
    );
  }
  return parsePattern(resource);
}
