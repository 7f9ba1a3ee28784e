import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readArtifacts } from './artifacts.ts';
import type { StackToDeploy } from './deploy-stack.ts';
import type { StackTemplate } from './stack-template.ts';

const FULL = 'cloudformation-template-update-stack.json';
const FIRST = 'cloudformation-template-create-stack.json';
const STATE = 'serverless-state.json';

/** The platform stack's service, whose outputs tell where everything is. */
export const PLATFORM = 'evenkeel-platform';

/** Name of a service's stack, as the framework makes it. */
export const stackNameOf = (service: string, stage: string): string => `${service}-${stage}`;

/** The packaged stacks in a folder; `parameters` goes to those that have such parameters. */
export function readPackagedStacks(
  folder: string,
  stage: string,
  parameters: Readonly<Record<string, string>>,
): StackToDeploy[] {
  return readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((stack) => existsSync(path.join(stack, FULL)))
    .map((stack) => {
      const { service } = readJson(stack, STATE) as { readonly service: { readonly service: string } };
      const template = readJson(stack, FULL) as StackTemplate;
      const own = Object.entries(parameters).filter(([name]) => template.Parameters?.[name] !== undefined);
      return {
        name: stackNameOf(service.service, stage),
        foundation: readJson(stack, FIRST) as StackTemplate,
        parameters: Object.fromEntries(own),
        ...readArtifacts(stack, template),
      };
    });
}

/** What packaging wrote a moment ago, in the shape that it writes. */
function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
}
