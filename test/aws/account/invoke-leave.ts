import { matchesPattern, parsePattern } from '#host/rights/wildcard-pattern.ts';
import type { InvokePermission } from '../stacks/read-triggers.ts';

/** Leave to invoke functions, as the permissions in the templates give it to services of AWS. */
export class InvokeLeave {
  readonly #permissions: readonly InvokePermission[];
  readonly #faults: string[] = [];

  constructor(permissions: readonly InvokePermission[]) {
    this.#permissions = permissions;
  }

  /** Invocations that AWS would refuse. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Notes a fault unless `principal` may invoke the function (or alias) of that ARN on behalf of `sourceArn`. */
  check(functionArn: string, principal: string, sourceArn: string): void {
    const isGiven = this.#permissions.some(
      (one) =>
        one.principal === principal &&
        (functionArn === one.functionArn || functionArn.endsWith(`:function:${one.functionArn}`)) &&
        (one.sourceArn === undefined || matchesPattern(parsePattern(one.sourceArn), sourceArn)),
    );
    if (!isGiven) this.#faults.push(`${principal} may not invoke ${functionArn} for ${sourceArn}`);
  }
}
