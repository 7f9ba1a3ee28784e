import {
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { AwsClients } from './aws-clients.ts';
import type { StackTemplate } from './stack-template.ts';

/** A stack as CloudFormation has it, by name or (also when it was removed) by id; `undefined` where there is none. */
export async function describeStack(
  { cloudFormation }: Pick<AwsClients, 'cloudFormation'>,
  nameOrId: string,
): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId }));
    return Stacks[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
      return undefined;
    throw error;
  }
}

/** Physical ids of the resources that a stack has, by logical id. */
export async function resourcesOf(
  { cloudFormation }: Pick<AwsClients, 'cloudFormation'>,
  stackName: string,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: stackName })) {
    for (const { LogicalResourceId, PhysicalResourceId, ResourceStatus } of page.StackResourceSummaries ??
      []) {
      if (LogicalResourceId === undefined || PhysicalResourceId === undefined) continue;
      // DELETE_SKIPPED: the stack let go of it, and it is still there.
      if (!/^DELETE_(COMPLETE|SKIPPED)$/.test(ResourceStatus ?? ''))
        found.set(LogicalResourceId, PhysicalResourceId);
    }
  }
  return found;
}

/** The template that a stack has now, as it was given. */
export async function templateOf(
  { cloudFormation }: Pick<AwsClients, 'cloudFormation'>,
  nameOrId: string,
): Promise<StackTemplate> {
  const request = new GetTemplateCommand({ StackName: nameOrId, TemplateStage: 'Original' });
  const { TemplateBody = '' } = await cloudFormation.send(request);
  // Only deploying gives templates to these stacks, as JSON.
  return JSON.parse(TemplateBody) as StackTemplate;
}

/** What a stack tells of itself. */
export function outputsOf(stack: Stack | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
