import { type StubAccount, StubFault, type StubStack } from './account.ts';
import { importsOf, parametersOf, templateOf } from './change-set-request.ts';
import { changeSetXml, type DescribedChangeSet, eventsXml, resourcesXml, stackXml } from './describe.ts';
import { beginChange, beginRemoval, type StubChange } from './operations.ts';
import { type Query, text } from './query.ts';
import { StubValues } from './resolve.ts';
import { escaped, tag } from './xml.ts';

interface ChangeSet extends StubChange, DescribedChangeSet {
  readonly stack: StubStack;
}

/** CloudFormation over `account`: the actions that deploying uses, and the rules that it must keep. */
export class StubCloudFormation {
  readonly #account: StubAccount;
  readonly #changeSets = new Map<string, ChangeSet>();

  constructor(account: StubAccount) {
    this.#account = account;
  }

  /** Answers an action with what stands in its result. */
  answer(action: string, query: Query): string {
    switch (action) {
      case 'DescribeStacks':
        return this.#describeStacks(query);
      case 'DescribeStackEvents':
        return eventsXml(this.#stackOf(query));
      case 'ListStackResources':
        return resourcesXml(this.#stackOf(query));
      case 'GetTemplate':
        return tag('TemplateBody', escaped(JSON.stringify(this.#stackOf(query).template)));
      case 'CreateChangeSet':
        return this.#createChangeSet(query);
      case 'DescribeChangeSet':
        return changeSetXml(this.#changeSet(query));
      case 'DeleteChangeSet':
        this.#changeSets.delete(text(query, 'ChangeSetName'));
        return '';
      case 'ExecuteChangeSet': {
        const set = this.#changeSet(query);
        beginChange(this.#account, set.stack, { ...set, token: text(query, 'ClientRequestToken') });
        return this.#begun(set.stack);
      }
      case 'DeleteStack':
        beginRemoval(this.#account, this.#stackOf(query), text(query, 'ClientRequestToken'));
        return this.#begun(this.#stackOf(query));
      default:
        throw new StubFault('InvalidAction', `the stub has no action ${action}`);
    }
  }

  #begun({ steps }: StubStack): string {
    while (this.#account.isHasty && steps.length > 0) steps.shift()?.();
    return '';
  }

  #describeStacks(query: Query): string {
    if (query.has('StackName')) return tag('Stacks', this.#describe(this.#stackOf(query)));
    return tag('Stacks', this.#account.stacks.map((stack) => this.#describe(stack)).join(''));
  }

  /** A stack as it is told of, one step further on its way: whoever asks moves time. */
  #describe(stack: StubStack): string {
    stack.steps.shift()?.();
    return stackXml(stack);
  }

  #createChangeSet(query: Query): string {
    const type = text(query, 'ChangeSetType');
    const name = text(query, 'StackName');
    const existing = this.#account.stack(name);
    const template = templateOf(this.#account, query);
    if (type === 'UPDATE' && existing === undefined)
      throw new StubFault('ValidationError', `Stack [${name}] does not exist`);
    if (type === 'CREATE' && existing !== undefined && existing.status !== 'REVIEW_IN_PROGRESS')
      throw new StubFault(
        'ValidationError',
        `Stack [${name}] already exists and cannot be created again with the changeSet`,
      );
    if (existing !== undefined && !/_COMPLETE$|^REVIEW/.test(existing.status))
      throw new StubFault(
        'ValidationError',
        `Stack:${existing.id} is in ${existing.status} state and can not be updated.`,
      );
    if (existing?.status === 'ROLLBACK_COMPLETE')
      throw new StubFault(
        'ValidationError',
        `Stack:${existing.id} is in ROLLBACK_COMPLETE state and can not be updated.`,
      );
    const stack = existing ?? this.#newStack(name);
    const parameters = parametersOf(query, template, stack);
    const imports = importsOf(this.#account, query, template, stack);
    const values = new StubValues(this.#account, template, {
      parameters,
      resources: stack.resources,
      stackName: name,
    });
    values.checkReferences();
    const isSame =
      JSON.stringify([stack.template, stack.parameters]) === JSON.stringify([template, parameters]);
    const id = `arn:aws:cloudformation:${this.#account.region}:${this.#account.accountId}:changeSet/${text(query, 'ChangeSetName')}/${this.#account.next()}`;
    this.#changeSets.set(id, {
      id,
      stack,
      type,
      template,
      parameters,
      imports,
      token: '',
      changes: values.wanted().filter(([logicalId]) => !stack.resources.has(logicalId)).length,
      ...(isSame && {
        fault:
          "The submitted information didn't contain changes. Submit different information to create a change set.",
      }),
    });
    return tag('Id', id) + tag('StackId', stack.id);
  }

  #newStack(name: string): StubStack {
    const { accountId, region } = this.#account;
    const stack: StubStack = {
      id: `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${this.#account.next()}`,
      name,
      status: 'REVIEW_IN_PROGRESS',
      template: { Resources: {} },
      parameters: {},
      outputs: {},
      events: [],
      resources: new Map(),
      steps: [],
    };
    this.#account.stacks.push(stack);
    return stack;
  }

  #stackOf(query: Query): StubStack {
    const name = text(query, 'StackName');
    const stack = this.#account.stack(name);
    if (stack === undefined) throw new StubFault('ValidationError', `Stack with id ${name} does not exist`);
    return stack;
  }

  #changeSet(query: Query): ChangeSet {
    const set = this.#changeSets.get(text(query, 'ChangeSetName'));
    if (set === undefined) throw new StubFault('ChangeSetNotFound', 'ChangeSet does not exist', 404);
    return set;
  }
}
