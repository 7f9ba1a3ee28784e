import { templateFileIn, templateIn } from '../packaged-functions.ts';
import { alarms } from './alarms.ts';
import { asynchronousFunctions } from './asynchronous.ts';
import { busRules } from './bus-rules.ts';
import { validated } from './cloudformation.ts';
import { devicePolicy } from './device-policy.ts';
import type { Fault, Finding } from './finding.ts';
import { functions } from './functions.ts';
import { iotRules } from './iot-rules.ts';
import { loops } from './loops.ts';
import { mappings } from './mappings.ts';
import { queues } from './queues.ts';
import { rights } from './rights.ts';
import { routes } from './routes.ts';
import { size } from './size.ts';
import { sources } from './sources.ts';
import { StackTemplate } from './stack.ts';
import { storedData } from './stored-data.ts';

/** Our own rules over a packaged template, by family. */
const FAMILIES: Readonly<Record<string, (stack: StackTemplate) => Fault[]>> = {
  iotRules,
  asynchronousFunctions,
  busRules,
  routes,
  queues,
  mappings,
  loops,
  storedData,
  functions,
  rights,
  sources,
  alarms,
  devicePolicy,
  size,
};

/** What our own rules find in a template. */
export function findingsIn(stack: StackTemplate): Finding[] {
  return Object.values(FAMILIES).flatMap((rules) =>
    rules(stack).map((fault) => ({ stack: stack.name, ...fault })),
  );
}

/** Everything that is found in the folder of a packaged stack: by AWS's validator and by our own rules. */
export function checkStack(name: string, folder: string, region: string): Finding[] {
  return [
    ...validated(name, templateFileIn(folder), region),
    ...findingsIn(new StackTemplate(name, templateIn(folder))),
  ];
}
