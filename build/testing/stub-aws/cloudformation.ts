import { IDENTITIES, isImportable } from '../../deploy/importable.ts';
import type { StackTemplate } from '../../deploy/stack-template.ts';
import { type StubAccount, StubFault, type StubStack } from './account.ts';
import { beginChange, beginRemoval, type StubChange } from './operations.ts';
import { StubValues } from './resolve.ts';

/** Parameters of an AWS query: `Parameters.member.1.ParameterKey`. */
export type Query = ReadonlyMap<string, string>;

interface ChangeSet extends StubChange {
  readonly id: string;
  readonly stack: StubStack;
  readonly fault?: string;
  readonly changes: number;
}

const MOST_INLINE_BYTES = 51_200;

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
        return tag(
          'StackEvents',
          this.#stackOf(query)
            .events.toReversed()
            .map(eventXml(this.#stackOf(query)))
            .join(''),
        );
      case 'ListStackResources':
        return this.#listResources(query);
      case 'GetTemplate':
        return tag('TemplateBody', escaped(JSON.stringify(this.#stackOf(query).template)));
      case 'CreateChangeSet':
        return this.#createChangeSet(query);
      case 'DescribeChangeSet':
        return this.#describeChangeSet(query);
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

  #describe(stack: StubStack): string {
    stack.steps.shift()?.();
    const outputs = Object.entries(stack.outputs).map(([key, value]) =>
      tag('member', tag('OutputKey', key) + tag('OutputValue', value)),
    );
    const parameters = Object.entries(stack.parameters).map(([key, value]) =>
      tag('member', tag('ParameterKey', key) + tag('ParameterValue', value)),
    );
    return tag(
      'member',
      tag('StackId', stack.id) +
        tag('StackName', stack.name) +
        tag('StackStatus', stack.status) +
        tag('CreationTime', '2026-01-01T00:00:00Z') +
        tag('Outputs', outputs.join('')) +
        tag('Parameters', parameters.join('')),
    );
  }

  #listResources(query: Query): string {
    const { resources, template } = this.#stackOf(query);
    const members = [...resources].map(([logicalId, physicalId]) =>
      tag(
        'member',
        tag('LogicalResourceId', logicalId) +
          tag('PhysicalResourceId', escaped(physicalId)) +
          tag('ResourceType', template.Resources[logicalId]?.Type ?? '') +
          tag('ResourceStatus', 'CREATE_COMPLETE'),
      ),
    );
    return tag('StackResourceSummaries', members.join(''));
  }

  #createChangeSet(query: Query): string {
    const type = text(query, 'ChangeSetType');
    const name = text(query, 'StackName');
    const existing = this.#account.stack(name);
    const template = this.#templateOf(query);
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
    const parameters = this.#parametersOf(query, template, stack);
    const imports = this.#importsOf(query, template, stack);
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

  #describeChangeSet(query: Query): string {
    const { id, fault, changes } = this.#changeSet(query);
    const members = Array.from({ length: changes }, () => tag('member', tag('Type', 'Resource'))).join('');
    return (
      tag('ChangeSetId', id) +
      tag('Status', fault === undefined ? 'CREATE_COMPLETE' : 'FAILED') +
      (fault === undefined ? '' : tag('StatusReason', escaped(fault))) +
      tag('Changes', members)
    );
  }

  #templateOf(query: Query): StackTemplate {
    const inline = query.get('TemplateBody');
    if (inline !== undefined) {
      if (Buffer.byteLength(inline) > MOST_INLINE_BYTES)
        throw new StubFault(
          'ValidationError',
          `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MOST_INLINE_BYTES}`,
        );
      return JSON.parse(inline);
    }
    const url = new URL(text(query, 'TemplateURL'));
    const key = `${url.host.split('.')[0]}${url.pathname}`;
    const bytes = this.#account.objects.get(key);
    if (bytes === undefined)
      throw new StubFault('ValidationError', `S3 error: The specified key does not exist: ${key}`);
    return JSON.parse(bytes.toString());
  }

  #parametersOf(query: Query, template: StackTemplate, stack: StubStack): Record<string, string> {
    const given = new Map(
      members(query, 'Parameters').map((at) => {
        const key = query.get(`${at}.ParameterKey`) ?? '';
        const value =
          query.get(`${at}.UsePreviousValue`) === 'true'
            ? stack.parameters[key]
            : query.get(`${at}.ParameterValue`);
        if (value === undefined)
          throw new StubFault('ValidationError', `Parameter ${key} has no previous value`);
        if (template.Parameters?.[key] === undefined)
          throw new StubFault('ValidationError', `Parameters: [${key}] do not exist in the template`);
        return [key, value];
      }),
    );
    return Object.fromEntries(
      Object.entries(template.Parameters ?? {}).map(([key, { Default }]) => [
        key,
        given.get(key) ?? String(Default),
      ]),
    );
  }

  /** What an import may be: exactly what the stack has, and resources of the account that no stack has, each identified. */
  #importsOf(query: Query, template: StackTemplate, stack: StubStack): Map<string, string> {
    const imports = new Map<string, string>();
    for (const at of members(query, 'ResourcesToImport')) {
      const type = query.get(`${at}.ResourceType`) ?? '';
      const logicalId = query.get(`${at}.LogicalResourceId`) ?? '';
      const [key, value] = ['key', 'value'].map(
        (part) => query.get(`${at}.ResourceIdentifier.entry.1.${part}`) ?? '',
      );
      const expected = isImportable(type) ? IDENTITIES[type].identifier : undefined;
      if (key !== expected)
        throw new StubFault('ValidationError', `${logicalId} is not identified by ${key}`);
      if (template.Resources[logicalId]?.DeletionPolicy === undefined)
        throw new StubFault(
          'ValidationError',
          `Resources to import must have a DeletionPolicy: ${logicalId}`,
        );
      const found = this.#account.find(type, value ?? '');
      if (found === undefined)
        throw new StubFault('ValidationError', `Resource ${type} with identifier ${value} was not found`);
      if (found.stackId !== undefined)
        throw new StubFault('ValidationError', `${value} is in ${found.stackId} already`);
      imports.set(logicalId, value ?? '');
    }
    const isImport = text(query, 'ChangeSetType') === 'IMPORT';
    const added = Object.keys(template.Resources).filter(
      (id) => !stack.resources.has(id) && !imports.has(id),
    );
    if (isImport && (imports.size === 0 || added.length > 0))
      throw new StubFault(
        'ValidationError',
        `An import may only add what it imports, and adds ${added.join(', ')}`,
      );
    return imports;
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

function text(query: Query, name: string): string {
  return query.get(name) ?? '';
}

function members(query: Query, list: string): string[] {
  const numbers = new Set(
    [...query.keys()].flatMap((key) => new RegExp(`^(${list}\\.member\\.\\d+)\\.`).exec(key)?.[1] ?? []),
  );
  return [...numbers];
}

function eventXml(stack: StubStack) {
  return (event: StubStack['events'][number]): string =>
    tag(
      'member',
      tag('StackId', stack.id) +
        tag('StackName', stack.name) +
        tag('EventId', `${event.logicalId}-${event.atMs}`) +
        tag('LogicalResourceId', event.logicalId) +
        tag('PhysicalResourceId', escaped(event.physicalId)) +
        tag('ResourceType', event.type) +
        tag('ResourceStatus', event.status) +
        (event.reason === undefined ? '' : tag('ResourceStatusReason', escaped(event.reason))) +
        tag('ClientRequestToken', event.token) +
        tag('Timestamp', new Date(event.atMs).toISOString()),
    );
}

/** An XML element. */
export function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

/** Text as it may stand in XML. */
export function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
