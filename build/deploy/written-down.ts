import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { AwsClients } from './aws-clients.ts';
import { DeployError } from './deploy-error.ts';
import { type Importable, isImportable, isKept } from './importable.ts';
import { readParameter, removeParameter } from './parameters.ts';
import type { StackTemplate } from './stack-template.ts';

/** What a stack leaves behind when it goes, by logical id: type and physical id. */
export type Kept = Readonly<Record<string, { readonly type: string; readonly id: string }>>;

const nameOf = (stage: string, stackName: string) => `/evenkeel/${stage}/kept/${stackName}`;

/** What a stack would leave behind now: the resources of its template that are kept, by the ids that it has for them. */
export function keptOf(template: StackTemplate, physicalIds: ReadonlyMap<string, string>): Kept {
  const kept = Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const id = physicalIds.get(logicalId);
    return id !== undefined && isKept(resource) ? [[logicalId, { type: resource.Type, id }] as const] : [];
  });
  return Object.fromEntries(kept);
}

/** Writes down what a stack keeps: once it is gone, nobody else knows which user pool was its own. */
export async function writeKept(
  { ssm }: Pick<AwsClients, 'ssm'>,
  stage: string,
  stackName: string,
  kept: Kept,
): Promise<void> {
  if (Object.keys(kept).length === 0) return;
  const Value = JSON.stringify(kept);
  await ssm.send(
    new PutParameterCommand({ Name: nameOf(stage, stackName), Type: 'String', Overwrite: true, Value }),
  );
}

/** What was written down of a stack; nothing where nothing was. */
export async function readKept(
  { ssm }: Pick<AwsClients, 'ssm'>,
  stage: string,
  stackName: string,
): Promise<Kept> {
  const Name = nameOf(stage, stackName);
  const value = await readParameter({ ssm }, Name);
  return value === undefined ? {} : parsed(value, Name);
}

/** Forgets a stack. */
export function forgetKept(aws: Pick<AwsClients, 'ssm'>, stage: string, stackName: string): Promise<void> {
  return removeParameter(aws, nameOf(stage, stackName));
}

/** What was written down, as resources that can be looked for. */
export function asImportables(kept: Kept): Importable[] {
  return Object.entries(kept).flatMap(([logicalId, { type, id }]) =>
    isImportable(type) ? [{ logicalId, type, physicalId: id }] : [],
  );
}

function parsed(value: string, name: string): Kept {
  try {
    // Only `writeKept` writes there.
    return JSON.parse(value) as Kept;
  } catch (error) {
    throw new DeployError(`the parameter ${name} is not what deploying writes`, undefined, { cause: error });
  }
}
