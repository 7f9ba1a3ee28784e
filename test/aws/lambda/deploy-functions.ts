import type { Deliveries } from '../account/deliveries.ts';
import type { Callers } from '../gate/caller.ts';
import type { Deployment } from '../stacks/deployment.ts';
import { DeployedFunctions } from '../triggers/deployed-functions.ts';
import type { LogLine, UsageAudit } from '../usage/usage-audit.ts';
import { LambdaFunction, type LambdaFunctionParts } from './lambda-function.ts';
import { ProcessBudget } from './process-budget.ts';

/** What the functions of an account share, and who follows what they do. */
export interface DeployFunctionsParts
  extends Pick<LambdaFunctionParts, 'network' | 'runtimeFile' | 'nextRequestId'> {
  readonly deployment: Deployment;
  readonly callers: Callers;
  /** Reads a line that a process wrote. */
  readonly hear: (line: string) => LogLine;
  readonly usage: UsageAudit;
  readonly deliveries: Deliveries;
}

/** Processes of functions at the same time, for the sake of the machine's memory. */
const MOST_PROCESSES = 40;
/** Time-outs are those of the templates, times this: eight cold starts at once on two cores are slower than on Lambda. */
const PATIENCE = 6;

/** The functions of all stacks, each with credentials of its role for every process. */
export function deployFunctions(parts: DeployFunctionsParts): DeployedFunctions {
  const { deployment, callers, hear, usage, deliveries, ...shared } = parts;
  const budget = new ProcessBudget(MOST_PROCESSES);
  return new DeployedFunctions(
    deployment.functions.map((definition) => {
      const name = `${definition.service}/${definition.key}`;
      return new LambdaFunction({
        ...shared,
        definition,
        budget,
        patience: PATIENCE,
        newCredentials() {
          const session = callers.ofRole(definition.roleArn).newSession();
          usage.started(session.accessKeyId, name);
          return session;
        },
        onLine: (line, accessKeyId) => usage.heard(hear(line), accessKeyId),
        onEnded(event, accessKeyId) {
          usage.ended(event, accessKeyId);
          deliveries.ended(name, event);
        },
      });
    }),
  );
}
