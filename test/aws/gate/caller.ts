import { FunctionRights, type Grant } from '#host/rights/function-rights.ts';
import type { World } from '#shared/world/world.ts';
import type { RoleCredentials } from '../lambda/lambda-function.ts';
import type { DeployedRole } from '../stacks/deployed-function.ts';
import type { CallerView, NeededRight, UsedGrant } from './aws-request.ts';

/** Somebody who signs requests: a role of the stacks, with the statements of its template and credentials of its own. */
export class Caller implements CallerView {
  readonly arn: string;
  readonly credentials: RoleCredentials;
  readonly #rights: FunctionRights;
  readonly #uses = new Map<string, { readonly grant: Grant; readonly operations: Set<string> }>();

  constructor({ arn, statements }: DeployedRole, world: Pick<World, 'randomBytes'>) {
    const hex = (bytes: number) => Buffer.from(world.randomBytes(bytes)).toString('hex');
    this.arn = arn;
    this.#rights = new FunctionRights(statements);
    this.credentials = {
      accessKeyId: `ASIA${hex(8).toUpperCase()}`,
      secretAccessKey: hex(20),
      sessionToken: hex(32),
    };
  }

  may({ action, arn }: NeededRight, operation: string): boolean {
    const grant = this.#rights.grants(action, arn);
    if (grant === undefined) return false;
    const key = JSON.stringify(grant);
    const use = this.#uses.get(key) ?? { grant, operations: new Set() };
    use.operations.add(operation);
    this.#uses.set(key, use);
    return true;
  }

  get used(): readonly UsedGrant[] {
    return [...this.#uses.values()];
  }

  get unused(): readonly Grant[] {
    return this.#rights.unused();
  }
}

/** All who may sign, by role and by access key. */
export class Callers {
  readonly #byRole = new Map<string, Caller>();
  readonly #byKey = new Map<string, Caller>();

  constructor(roles: readonly DeployedRole[], world: Pick<World, 'randomBytes'>) {
    for (const role of roles) {
      const caller = new Caller(role, world);
      this.#byRole.set(role.arn, caller);
      this.#byKey.set(caller.credentials.accessKeyId, caller);
    }
  }

  /** The caller that has that role; throws when no template makes it. */
  ofRole(arn: string): Caller {
    const caller = this.#byRole.get(arn);
    if (caller === undefined) throw new Error(`no template makes the role ${arn}`);
    return caller;
  }

  withKey(accessKeyId: string): Caller | undefined {
    return this.#byKey.get(accessKeyId);
  }

  get all(): readonly Caller[] {
    return [...this.#byRole.values()];
  }
}
