import type { StackTemplate } from '../../deploy/stack-template.ts';
import type { StubAccount, StubStack } from './account.ts';
import { StubValues } from './resolve.ts';

/** A change set that is executed. */
export interface StubChange {
  readonly type: string;
  readonly template: StackTemplate;
  readonly parameters: Record<string, string>;
  /** Physical ids by logical id. */
  readonly imports: ReadonlyMap<string, string>;
  readonly token: string;
}

/** Begins what an executed change set does; the stack moves on a step at each look at it. */
export function beginChange(account: StubAccount, stack: StubStack, change: StubChange): void {
  const verb = change.type;
  const log = logger(stack, change.token);
  log(stack.name, stack.id, 'AWS::CloudFormation::Stack', `${verb}_IN_PROGRESS`);
  stack.status = `${verb}_IN_PROGRESS`;
  stack.steps.push(
    () => undefined,
    () => apply(account, stack, change),
  );
}

function apply(account: StubAccount, stack: StubStack, change: StubChange): void {
  const { type: verb, template, parameters, imports, token } = change;
  const log = logger(stack, token);
  const values = () =>
    new StubValues(account, template, { parameters, resources: stack.resources, stackName: stack.name });
  const made: string[] = [];
  const wanted = new Map(values().wanted());
  for (const [logicalId, resource] of wanted) {
    if (stack.resources.has(logicalId)) continue;
    const { Type } = resource;
    const imported = imports.get(logicalId);
    const name = imported ?? values().nameOf(resource) ?? invented(account, stack.name, logicalId, Type);
    const taken = imported === undefined ? account.find(Type, name) : undefined;
    const fault =
      account.faults.get(logicalId) ??
      (taken === undefined ? missingCode(account, stack, resource.Properties) : `${name} already exists`);
    if (fault !== undefined) {
      log(logicalId, name, Type, `${verb}_FAILED`, fault);
      rollBack(account, stack, { verb, made, template, token });
      return;
    }
    made.push(logicalId);
    stack.resources.set(logicalId, name);
    if (imported === undefined) account.resources.push({ type: Type, physicalId: name, stackId: stack.id });
    else Object.assign(account.find(Type, imported) ?? {}, { stackId: stack.id });
    log(logicalId, name, Type, `${verb === 'UPDATE' ? 'CREATE' : verb}_COMPLETE`);
  }
  for (const logicalId of [...stack.resources.keys()])
    if (!wanted.has(logicalId)) letGo(account, stack, logicalId, stack.template, log);
  stack.template = template;
  stack.parameters = parameters;
  stack.outputs = values().outputs();
  end(stack, token, `${verb}_COMPLETE`);
}

function rollBack(
  account: StubAccount,
  stack: StubStack,
  {
    verb,
    made,
    template,
    token,
  }: {
    readonly verb: string;
    readonly made: readonly string[];
    readonly template: StackTemplate;
    readonly token: string;
  },
): void {
  const status =
    { CREATE: 'ROLLBACK', UPDATE: 'UPDATE_ROLLBACK', IMPORT: 'IMPORT_ROLLBACK' }[verb] ?? 'ROLLBACK';
  stack.status = `${status}_IN_PROGRESS`;
  const log = logger(stack, token);
  stack.steps.push(() => {
    // As CloudFormation does: what has the policy Retain stays in the account also when its creation is taken back.
    for (const logicalId of [...made].reverse()) letGo(account, stack, logicalId, template, log);
    end(stack, token, `${status}_COMPLETE`);
  });
}

/** Begins to remove a stack. */
export function beginRemoval(account: StubAccount, stack: StubStack, token: string): void {
  const log = logger(stack, token);
  log(stack.name, stack.id, 'AWS::CloudFormation::Stack', 'DELETE_IN_PROGRESS');
  stack.status = 'DELETE_IN_PROGRESS';
  stack.steps.push(() => {
    const used = importedFrom(account, stack);
    if (used !== undefined) {
      log(
        'Export',
        used,
        'AWS::CloudFormation::Stack',
        'DELETE_FAILED',
        `Export ${used} cannot be deleted as it is in use`,
      );
      end(stack, token, 'DELETE_FAILED');
      return;
    }
    for (const logicalId of [...stack.resources.keys()].reverse()) {
      const { Type } = stack.template.Resources[logicalId] ?? { Type: '' };
      const id = stack.resources.get(logicalId) ?? '';
      const isFull =
        Type === 'AWS::S3::Bucket' && [...account.objects.keys()].some((key) => key.startsWith(`${id}/`));
      if (isFull && !isKept(stack.template, logicalId)) {
        log(logicalId, id, Type, 'DELETE_FAILED', 'The bucket you tried to delete is not empty');
        end(stack, token, 'DELETE_FAILED');
        return;
      }
      letGo(account, stack, logicalId, stack.template, log);
    }
    end(stack, token, 'DELETE_COMPLETE');
  });
}

type Log = (logicalId: string, physicalId: string, type: string, status: string, reason?: string) => void;

function letGo(
  account: StubAccount,
  stack: StubStack,
  logicalId: string,
  template: StackTemplate,
  log: Log,
): void {
  const { Type } = template.Resources[logicalId] ?? { Type: '' };
  const physicalId = stack.resources.get(logicalId) ?? '';
  const resource = account.find(Type, physicalId);
  stack.resources.delete(logicalId);
  const kept = isKept(template, logicalId);
  if (resource !== undefined && kept) resource.stackId = undefined;
  else if (resource !== undefined) account.drop(resource);
  log(logicalId, physicalId, Type, kept ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE');
}

/** A version of a function goes with its function, whatever its policy says. */
const isKept = ({ Resources }: StackTemplate, logicalId: string): boolean =>
  Resources[logicalId]?.DeletionPolicy === 'Retain' && Resources[logicalId]?.Type !== 'AWS::Lambda::Version';

function end(stack: StubStack, token: string, status: string): void {
  stack.status = status;
  logger(stack, token)(stack.name, stack.id, 'AWS::CloudFormation::Stack', status);
}

function logger(stack: StubStack, token: string): Log {
  return (logicalId, physicalId, type, status, reason) =>
    stack.events.push({
      logicalId,
      physicalId,
      type,
      status,
      token,
      atMs: Date.now(),
      ...(reason !== undefined && { reason }),
    });
}

function invented(account: StubAccount, stackName: string, logicalId: string, type: string): string {
  if (type === 'AWS::Cognito::UserPool') return `${account.region}_pool${account.next()}`;
  return `${stackName}-${logicalId}-${account.next()}`.toLowerCase();
}

function missingCode(account: StubAccount, stack: StubStack, properties: unknown): string | undefined {
  const { Code } = (properties ?? {}) as { readonly Code?: { readonly S3Key?: string } };
  const bucket = stack.resources.get('ServerlessDeploymentBucket');
  if (Code?.S3Key === undefined || account.objects.has(`${bucket}/${Code.S3Key}`)) return undefined;
  return 'Error occurred while GetObject. S3 Error Code: NoSuchKey.';
}

function importedFrom(account: StubAccount, stack: StubStack): string | undefined {
  const own = Object.values(stack.template.Outputs ?? {}).map(
    (output) => (output as { readonly Export?: { readonly Name: string } }).Export?.Name,
  );
  const others = account.stacks.filter((one) => one !== stack && one.status !== 'DELETE_COMPLETE');
  return own.find(
    (name) =>
      name !== undefined &&
      others.some((one) => JSON.stringify(one.template).includes(`"Fn::ImportValue":"${name}"`)),
  );
}
