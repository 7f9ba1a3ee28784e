import { at, capitalized, idIn, keyOf, LIVE, listOf } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';
import { TRACED_WITH_CALLER } from './written-reasons.ts';

/** An HTTP API waits for 30 s at the most. */
const MOST_HTTP_SECONDS = 29;

/** Each function is named after its folder, runs on arm64, is traced, keeps its log for a while and is rolled out as a canary. */
export function functions(stack: StackTemplate): Fault[] {
  const behindHttp = new Set(
    stack.triggers().flatMap(({ kind, target }) => (kind === 'http' ? [target?.functionId] : [])),
  );
  return stack.functions().flatMap(([id, { Properties }]) => {
    const faults: Fault[] = [];
    const say = (rule: string, message: string) => void faults.push({ resource: id, rule, message });
    const key = keyOf(id);
    const folder = /^functions\/([a-z0-9-]+)\/handler\.handler$/.exec(String(Properties.Handler))?.[1];
    if (folder === undefined || camelCase(folder) !== key)
      say('function-key-is-folder', `must have the handler functions/<kebab-case of ${key}>/handler.handler`);
    if (!String(Properties.FunctionName).endsWith(`-${key}`))
      say('function-key-is-folder', `must be named <service>-<stage>-${key}`);
    if (JSON.stringify(Properties.Architectures) !== '["arm64"]')
      say('function-is-arm64', 'must be of arm64');
    const mayTrace = stack
      .statementsOf(stack.roleOf(id))
      .some(({ actions }) => actions.includes('xray:PutTraceSegments'));
    if (at(Properties, 'TracingConfig', 'Mode') !== tracingOf(stack, id) || !mayTrace)
      say('function-is-traced', 'must be traced, and have the right to send its traces');
    if (!keepsLog(stack, String(Properties.FunctionName)))
      say('log-has-retention', 'must have a log group with a retention');
    if (behindHttp.has(id) && Number(Properties.Timeout) > MOST_HTTP_SECONDS)
      say('http-answers-in-time', `must time out within ${MOST_HTTP_SECONDS} s: the API gives up after 30`);
    return [...faults, ...rolledOut(stack, id)];
  });
}

function tracingOf(stack: StackTemplate, id: string): 'Active' | 'PassThrough' {
  const isExcepted = TRACED_WITH_CALLER.some((one) => one.stack === stack.name && one.resource === id);
  return isExcepted ? 'PassThrough' : 'Active';
}

/** The alias is there, moves by a deployment group, and the group watches an alarm on that alias. */
function rolledOut(stack: StackTemplate, functionId: string): Fault[] {
  const alias = stack
    .ofType('AWS::Lambda::Alias')
    .find(([, { Properties }]) => idIn(Properties.FunctionName) === functionId && Properties.Name === LIVE);
  const group = idIn(at(alias?.[1].UpdatePolicy, 'CodeDeployLambdaAliasUpdate', 'DeploymentGroupName'));
  const settings = stack.resources[group ?? '']?.Properties;
  const alarms = listOf(at(settings, 'AlarmConfiguration', 'Alarms')).map((alarm) => idIn(at(alarm, 'Name')));
  const isWatched =
    at(settings, 'AlarmConfiguration', 'Enabled') === true &&
    alarms.includes(`${capitalized(keyOf(functionId))}ErrorsAlarm`) &&
    alarms.every((id) => stack.resources[id ?? '']?.Type === 'AWS::CloudWatch::Alarm');
  const isSteady =
    String(at(settings, 'DeploymentConfigName')).startsWith('CodeDeployDefault.LambdaCanary') &&
    at(settings, 'AutoRollbackConfiguration', 'Enabled') === true;
  const faults: Fault[] = [];
  const say = (rule: string, message: string) => void faults.push({ resource: functionId, rule, message });
  if (alias === undefined || settings === undefined)
    say('function-has-canary', `must have an alias ${LIVE} that a deployment group moves`);
  else if (!isSteady || !isWatched)
    say(
      'function-has-canary',
      'must be rolled out as a canary that goes back when its alarm on errors goes off',
    );
  const elsewhere = stack
    .triggers()
    .filter(({ target }) => target?.functionId === functionId && target.qualifier !== LIVE);
  for (const { id } of elsewhere)
    say(
      'triggers-invoke-live',
      `is invoked by ${id} past its alias, so that a new version gets all of it at once`,
    );
  return faults;
}

function keepsLog(stack: StackTemplate, functionName: string): boolean {
  return stack
    .ofType('AWS::Logs::LogGroup')
    .some(
      ([, { Properties }]) =>
        Properties.LogGroupName === `/aws/lambda/${functionName}` && Number(Properties.RetentionInDays) > 0,
    );
}

function camelCase(folder: string): string {
  return folder.replace(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase());
}
