import { SQSClient } from '@aws-sdk/client-sqs';
import { compileRuleSql } from '#host/iot/sql/compile-rule-sql.ts';
import { AsyncInvoker } from '#host/runtime/async-invoker.ts';
import type { GivenUpFailure } from '#host/runtime/failure-account.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import { IotRules, type RuleAction } from '#host/runtime/triggers/iot-rules.ts';
import { SqsQueue } from '#shared/aws/queue.ts';
import type { World } from '#shared/world/world.ts';
import type { InvokeLeave } from '../account/invoke-leave.ts';
import type { Callers } from '../gate/caller.ts';
import type { Deployment } from '../stacks/deployment.ts';
import { PLACE } from '../stacks/place.ts';
import { type DeployedRule, type IotAction, readIotRules } from '../stacks/read-iot-rules.ts';
import type { DeployedFunctions } from './deployed-functions.ts';

/** What the actions of rules lead to. */
export interface AccountRuleParts {
  readonly deployment: Deployment;
  readonly functions: DeployedFunctions;
  readonly callers: Callers;
  readonly leave: InvokeLeave;
  readonly world: World;
  readonly log: HostLog;
}

/** The IoT rules of the packaged templates: their SQL, and actions that act in the roles that they name. */
export class AccountRules {
  readonly rules: IotRules;
  readonly #parts: AccountRuleParts;
  readonly #invokers = new Map<string, AsyncInvoker>();
  readonly #clients = new Map<string, SQSClient>();

  constructor(parts: AccountRuleParts) {
    this.#parts = parts;
    const built = parts.deployment.stacks.flatMap(readIotRules).map((rule) => ({
      name: rule.name,
      sql: compileRuleSql(rule.sql),
      actions: rule.actions.map((action) => this.#action(action, rule)),
      ...(rule.errorAction !== undefined && { errorAction: this.#action(rule.errorAction, rule) }),
    }));
    this.rules = new IotRules(built, parts.log);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#invokers.values()].map((invoker) => invoker.stop()));
    for (const client of this.#clients.values()) client.destroy();
  }

  #action(action: IotAction, rule: DeployedRule): RuleAction {
    const { callers, functions, leave } = this.#parts;
    if (action.kind === 'function') {
      leave.check(action.functionArn, 'iot.amazonaws.com', rule.arn);
      const { function: pool } = functions.at(action.functionArn);
      return { kind: 'function', name: pool.name, invoker: this.#invokerOf(action.functionArn) };
    }
    const { credentials } = callers.ofRole(action.roleArn);
    const client = this.#clients.get(action.roleArn) ?? new SQSClient({ region: PLACE.region, credentials });
    this.#clients.set(action.roleArn, client);
    const queue = new SqsQueue({ client, url: action.queueUrl });
    return { kind: 'queue', name: action.queueUrl.split('/').at(-1) ?? '', queue };
  }

  #invokerOf(functionArn: string): AsyncInvoker {
    const { functions, world, log } = this.#parts;
    const target = functions.at(functionArn);
    const { function: pool } = target;
    const known = this.#invokers.get(functionArn);
    if (known !== undefined) return known;
    const onGivenUp = async (_event: unknown, { error }: GivenUpFailure) =>
      log.error('an event was given up', error, { function: pool.name });
    const invoker = new AsyncInvoker({ pool, world, log, onGivenUp }, functions.asyncOptionsOf(target));
    this.#invokers.set(functionArn, invoker);
    return invoker;
  }
}
