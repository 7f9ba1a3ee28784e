import { IDENTITIES, isImportable } from '../../deploy/importable.ts';
import type { StackTemplate } from '../../deploy/stack-template.ts';
import { type StubAccount, StubFault, type StubStack } from './account.ts';
import { members, type Query, text } from './query.ts';

const MOST_INLINE_BYTES = 51_200;

/** The template of a request, inline or in a bucket. Throws `StubFault`. */
export function templateOf(account: StubAccount, query: Query): StackTemplate {
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
  const bytes = account.objects.get(key);
  if (bytes === undefined)
    throw new StubFault('ValidationError', `S3 error: The specified key does not exist: ${key}`);
  return JSON.parse(bytes.toString());
}

/** The parameters that the stack has with the request; throws `StubFault` for one that the template has not. */
export function parametersOf(
  query: Query,
  template: StackTemplate,
  stack: StubStack,
): Record<string, string> {
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
export function importsOf(
  account: StubAccount,
  query: Query,
  template: StackTemplate,
  stack: StubStack,
): Map<string, string> {
  const imports = new Map<string, string>();
  for (const at of members(query, 'ResourcesToImport')) {
    const type = query.get(`${at}.ResourceType`) ?? '';
    const logicalId = query.get(`${at}.LogicalResourceId`) ?? '';
    const [key, value] = ['key', 'value'].map(
      (part) => query.get(`${at}.ResourceIdentifier.entry.1.${part}`) ?? '',
    );
    const expected = isImportable(type) ? IDENTITIES[type].identifier : undefined;
    if (key !== expected) throw new StubFault('ValidationError', `${logicalId} is not identified by ${key}`);
    if (template.Resources[logicalId]?.DeletionPolicy === undefined)
      throw new StubFault('ValidationError', `Resources to import must have a DeletionPolicy: ${logicalId}`);
    const found = account.find(type, value ?? '');
    if (found === undefined)
      throw new StubFault('ValidationError', `Resource ${type} with identifier ${value} was not found`);
    if (found.stackId !== undefined)
      throw new StubFault('ValidationError', `${value} is in ${found.stackId} already`);
    imports.set(logicalId, value ?? '');
  }
  const isImport = text(query, 'ChangeSetType') === 'IMPORT';
  const added = Object.keys(template.Resources).filter((id) => !stack.resources.has(id) && !imports.has(id));
  if (isImport && (imports.size === 0 || added.length > 0))
    throw new StubFault(
      'ValidationError',
      `An import may only add what it imports, and adds ${added.join(', ')}`,
    );
  return imports;
}
