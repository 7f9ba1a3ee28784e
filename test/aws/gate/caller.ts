import { FunctionRights, type Grant } from '#host/rights/function-rights.ts';
import type { World } from '#shared/world/world.ts';
import type { RoleCredentials } from '../lambda/lambda-function.ts';
import type { DeployedRole } from '../stacks/deployed-function.ts';
import type { CallerView, NeededRight, UsedGrant } from './aws-request.ts';

/** Somebody who signs requests: a role of the stacks, with the statements of its template and credentials for each session. */
class Caller implements CallerView {
  readonly arn: string;
  /** Those of the services of AWS that act in the role. */
  readonly credentials: RoleCredentials;
  readonly #world: Pick<World, 'randomBytes'>;
  readonly #sessions = new Map<string, RoleCredentials>();
  readonly #rights: FunctionRights;
  readonly #uses = new Map<string, { readonly grant: Grant; readonly operations: Set<string> }>();

  constructor({ arn, statements }: DeployedRole, world: Pick<World, 'randomBytes'>) {
    this.arn = arn;
    this.#world = world;
    this.#rights = new FunctionRights(statements);
    this.credentials = this.newSession();
  }

  /** Credentials of their own, by which requests of one process are told from those of another in the same role. */
  newSession(): RoleCredentials {
    const hex = (bytes: number) => Buffer.from(this.#world.randomBytes(bytes)).toString('hex');
    const credentials = {
      accessKeyId: `ASIA${hex(8).toUpperCase()}`,
      secretAccessKey: hex(20),
      sessionToken: hex(32),
    };
    this.#sessions.set(credentials.accessKeyId, credentials);
    return credentials;
  }

  has(accessKeyId: string): boolean {
    return this.#sessions.has(accessKeyId);
  }

  /** Throws for a key that is none of its sessions'. */
  credentialsOf(accessKeyId: string): RoleCredentials {
    const credentials = this.#sessions.get(accessKeyId);
    if (credentials === undefined) throw new Error(`${this.arn} has no session ${accessKeyId}`);
    return credentials;
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

/** All who may sign. */
export class Callers {
  readonly #byRole = new Map<string, Caller>();

  constructor(roles: readonly DeployedRole[], world: Pick<World, 'randomBytes'>) {
    for (const role of roles) {
      this.#byRole.set(role.arn, new Caller(role, world));
    }
  }

  /** The caller that has that role; throws when no template makes it. */
  ofRole(arn: string): Caller {
    const caller = this.#byRole.get(arn);
    if (caller === undefined) throw new Error(`no template makes the role ${arn}`);
    return caller;
  }

  withKey(accessKeyId: string): Caller | undefined {
    return this.all.find((caller) => caller.has(accessKeyId));
  }

  get all(): readonly Caller[] {
    return [...this.#byRole.values()];
  }
}
