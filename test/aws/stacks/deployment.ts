import path from 'node:path';
import { stacks as stackFolders } from '../../../build/package-stacks.ts';
import { type DeployedFunction, type DeployedRole, readFunctions, readRoles } from './deployed-function.ts';
import { DeployedStack } from './deployed-stack.ts';

/** All stacks as they were packaged, deployed in order. */
export interface Deployment {
  readonly platform: DeployedStack;
  /** The platform and the services. */
  readonly stacks: readonly DeployedStack[];
  readonly functions: readonly DeployedFunction[];
  readonly roles: readonly DeployedRole[];
}

/** Reads what was packaged to `folder`; bundles are unpacked into `bundles`. */
export function readDeployment(folder: string, bundles: string): Deployment {
  const platform = new DeployedStack({
    service: 'evenkeel-platform',
    folder: path.join(folder, 'platform'),
    imports: new Map(),
  });
  const imports = platform.exports();
  const names = stackFolders().flatMap(({ name }) => (name === 'platform' ? [] : [name]));
  const services = names.map((name) => {
    const packaged = path.join(folder, name);
    const stack = new DeployedStack({ service: name, folder: packaged, imports });
    return { stack, functions: readFunctions(stack, packaged, bundles) };
  });
  const stacks = [platform, ...services.map(({ stack }) => stack)];
  return {
    platform,
    stacks,
    functions: services.flatMap(({ functions }) => functions),
    roles: stacks.flatMap(readRoles),
  };
}
