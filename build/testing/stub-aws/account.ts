import type { StackTemplate } from '../../deploy/stack-template.ts';

/** A resource that the account has. */
export interface AccountResource {
  readonly type: string;
  readonly physicalId: string;
  /** Stack that has it; none for one that was kept or made by hand. */
  stackId: string | undefined;
}

/** What happened to a resource of a stack, as DescribeStackEvents tells it. */
export interface StubEvent {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly token: string;
  readonly atMs: number;
}

/** A stack of the account. */
export interface StubStack {
  readonly id: string;
  readonly name: string;
  status: string;
  template: StackTemplate;
  parameters: Record<string, string>;
  outputs: Record<string, string>;
  readonly events: StubEvent[];
  /** Physical ids by logical id. */
  readonly resources: Map<string, string>;
  /** What happens at the next looks at it, one step a look: operations take time. */
  readonly steps: (() => void)[];
}

/** What an AWS account in one Region holds, as far as deploying can tell. */
export class StubAccount {
  readonly accountId = '123456789012';
  readonly region = 'eu-central-1';
  readonly resources: AccountResource[] = [];
  readonly stacks: StubStack[] = [];
  readonly parameters = new Map<string, { readonly type: string; readonly value: string }>();
  /** Bytes by `bucket/key`. */
  readonly objects = new Map<string, Buffer>();
  readonly users: Readonly<Record<string, string>>[] = [];
  /** Reasons why resources of these logical ids cannot be made. */
  readonly faults = new Map<string, string>();
  /** Answered to every call of these services instead of an answer, by service. */
  readonly refusals = new Map<string, { readonly code: string; readonly message: string }>();
  /** Whether operations on stacks are over at once, and not after some looks at them. */
  isHasty = false;
  /** Every call: `cloudformation CreateChangeSet`. */
  readonly calls: string[] = [];
  #count = 0;

  /** A number that was not used before. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /** The resource of that type and id, if there is one. */
  find(type: string, physicalId: string): AccountResource | undefined {
    return this.resources.find((one) => one.type === type && one.physicalId === physicalId);
  }

  /** Removes a resource from the account. */
  drop(resource: AccountResource): void {
    this.resources.splice(this.resources.indexOf(resource), 1);
  }

  /** The stack of that name that was not removed, or of that id. */
  stack(nameOrId: string): StubStack | undefined {
    return this.stacks.findLast(
      ({ id, name, status }) => id === nameOrId || (name === nameOrId && status !== 'DELETE_COMPLETE'),
    );
  }

  /** What all stacks export. */
  exports(): Map<string, string> {
    const found = new Map<string, string>();
    for (const { template, outputs, status } of this.stacks) {
      if (status === 'DELETE_COMPLETE') continue;
      for (const [name, output] of Object.entries(template.Outputs ?? {})) {
        const exported = (output as { readonly Export?: { readonly Name: string } }).Export?.Name;
        const value = outputs[name];
        if (exported !== undefined && value !== undefined) found.set(exported, value);
      }
    }
    return found;
  }
}

/** An answer of AWS that is an error. */
export class StubFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
