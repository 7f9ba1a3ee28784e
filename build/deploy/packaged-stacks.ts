import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
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
      const template = readTemplate(stack, FULL);
      const own = Object.entries(parameters).filter(([name]) => template.Parameters?.[name] !== undefined);
      return {
        name: stackNameOf(readServiceName(stack), stage),
        foundation: readTemplate(stack, FIRST),
        parameters: Object.fromEntries(own),
        ...readArtifacts(stack, template),
      };
    });
}

function readTemplate(folder: string, name: string): StackTemplate {
  // Packaging wrote it a moment ago, in this shape.
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as StackTemplate;
}

const State = z.object({ service: z.object({ service: z.string() }) });

function readServiceName(folder: string): string {
  return State.parse(JSON.parse(readFileSync(path.join(folder, STATE), 'utf8'))).service.service;
}
