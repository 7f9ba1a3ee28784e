import { compileRuleSql } from '#host/iot/sql/compile-rule-sql.ts';
import type { TopicRuleAction, TopicRuleResource } from '#host/serverless/resource-definitions.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { AsyncInvoker } from './async-invoker.ts';
import type { Functions } from './functions.ts';
import type { HostLog } from './host-log.ts';
import type { HostResources } from './resources.ts';
import { type IotRule, IotRules, type RuleAction } from './triggers/iot-rules.ts';

export interface RuleParts {
  readonly resources: HostResources;
  readonly functions: Functions;
  readonly world: World;
  readonly log: HostLog;
}

/** The rules engine of these rules, and the asynchronous invocations behind it. */
export interface BuiltRules {
  readonly rules: IotRules;
  readonly invokers: readonly AsyncInvoker[];
}

/** Compiles the rules that are not disabled. Throws `ConfigurationError` for SQL or an action that is not supported. */
export function buildRules(resources: readonly TopicRuleResource[], parts: RuleParts): BuiltRules {
  const invokers = new Map<string, AsyncInvoker>();
  const invokerOf = (key: string): AsyncInvoker => {
    const { functions, world, log } = parts;
    const pool = functions.pool(key);
    const { asynchronous } = functions.definition(key);
    const options = { ...asynchronous, concurrency: pool.concurrency };
    const invoker = invokers.get(key) ?? new AsyncInvoker({ pool, world, log }, options);
    invokers.set(key, invoker);
    return invoker;
  };
  const actionOf = (action: TopicRuleAction): RuleAction => {
    if (action.kind === 'lambda') {
      return { kind: 'function', name: action.functionKey, invoker: invokerOf(action.functionKey) };
    }
    if (action.useBase64) throw new ConfigurationError(`${action.queueName}: UseBase64 is not supported`);
    return { kind: 'queue', name: action.queueName, queue: parts.resources.queue(action.queueName) };
  };
  const built: IotRule[] = resources
    .filter(({ disabled }) => !disabled)
    .map(({ name, sql, actions, errorAction }) => ({
      name,
      sql: compileRuleSql(sql),
      actions: actions.map(actionOf),
      ...(errorAction !== undefined && { errorAction: actionOf(errorAction) }),
    }));
  return { rules: new IotRules(built, parts.log), invokers: [...invokers.values()] };
}
