import { resolveIntrinsics, type StackScope } from '#host/serverless/intrinsics.ts';
import { isRecord, type Json } from '#host/serverless/json.ts';
import { Stack } from '#host/serverless/stack.ts';
import { mergeTemplate } from '#host/serverless/template.ts';
import { templateIn } from '../../../build/packaged-functions.ts';
import type { Resources } from '../../../build/template.ts';
import { PLACE } from './place.ts';

/** Properties of a resource with its intrinsic functions resolved, as CloudFormation would hand them to the service. */
export type Resolved = Readonly<Record<string, Json>>;

/** What is deployed, and what its references lead to. */
export interface DeployedStackOptions {
  /** `service:` of its `serverless.yml`. */
  readonly service: string;
  /** Where it was packaged to. */
  readonly folder: string;
  /** What other stacks export, by name. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Properties that only the deployment itself can fill in: nothing that runs depends on them. */
const OF_THE_DEPLOYMENT = ['Code', 'ServiceToken'];

/** The bucket that bundles are deployed from, and its policy. */
const OF_THE_FRAMEWORK = /^ServerlessDeployment/;

/** A packaged template as a stack of the account: every name and ARN that CloudFormation would give. */
export class DeployedStack implements StackScope {
  readonly service: string;
  readonly #resources: Resources;
  readonly #outputs: Readonly<Record<string, unknown>>;
  readonly #stack: Stack;

  constructor({ service, folder, imports }: DeployedStackOptions) {
    const template = templateIn(folder);
    this.service = service;
    this.#resources = template.Resources;
    const { Resources, Outputs = {}, Conditions = {}, Parameters = {} } = template;
    const ours = Object.entries(Outputs).filter(([name]) => !OF_THE_FRAMEWORK.test(name));
    this.#outputs = Object.fromEntries(ours);
    const sections = { Resources, Conditions, Parameters };
    // Functions get their identity by their FunctionName, in `attribute`.
    const parts = { service, place: PLACE, functionKeys: [], imports };
    this.#stack = new Stack({ ...parts, template: mergeTemplate(service, sections) });
  }

  /** Resources of a type, by logical id; what the framework deploys from is none that anything reads. */
  ofType(type: string): readonly (readonly [logicalId: string, properties: Resolved])[] {
    return Object.entries(this.#resources)
      .filter(([logicalId, { Type }]) => Type === type && !OF_THE_FRAMEWORK.test(logicalId))
      .map(([logicalId, { Properties }]) => [logicalId, this.#resolved(logicalId, Properties)] as const);
  }

  /** What the stack exports, by export name. */
  exports(): ReadonlyMap<string, string> {
    const exported = Object.entries(this.#outputs).flatMap(([name, output]) => {
      if (!isRecord(output) || output.Export === undefined) return [];
      const { Export, Value } = this.#resolved(name, { Export: output.Export, Value: output.Value });
      return isRecord(Export) ? [[String(Export.Name), String(Value)] as const] : [];
    });
    return new Map(exported);
  }

  ref(logicalId: string): string | undefined {
    const resource = this.#resources[logicalId];
    if (resource === undefined) return this.#stack.ref(logicalId);
    const { Type, Properties } = resource;
    const resolve = (name: string) => String(this.#resolved(logicalId, { [name]: Properties[name] })[name]);
    switch (Type) {
      case 'AWS::Lambda::Function':
        return resolve('FunctionName');
      case 'AWS::Lambda::Alias':
        return `${this.#functionArn(resolve('FunctionName'))}:${resolve('Name')}`;
      case 'AWS::Lambda::Version':
        return `${this.#functionArn(resolve('FunctionName'))}:1`;
      case 'AWS::IAM::Role':
        return Properties.RoleName === undefined ? `${this.service}-${logicalId}` : resolve('RoleName');
      case 'AWS::ApiGatewayV2::Integration':
        return logicalId;
      default:
        return this.#stack.ref(logicalId);
    }
  }

  attribute(logicalId: string, attribute: string): string | undefined {
    const type = this.#resources[logicalId]?.Type;
    if (type === 'AWS::Lambda::Function' && attribute === 'Arn')
      return this.#functionArn(this.ref(logicalId) ?? '');
    if (type === 'AWS::Lambda::Version' && attribute === 'Version') return '1';
    if (type === 'AWS::IAM::Role' && attribute === 'Arn')
      return `arn:${PLACE.partition}:iam::${PLACE.accountId}:role/${this.ref(logicalId)}`;
    // Host names are in lower case.
    if (type === 'AWS::CloudFront::Distribution' && attribute === 'DomainName')
      return this.#stack.attribute(logicalId, attribute)?.toLowerCase();
    if (type === 'AWS::Events::Rule' && attribute === 'Arn') return this.#eventRuleArn(logicalId);
    return this.#stack.attribute(logicalId, attribute);
  }

  imported(exportName: string): string | undefined {
    return this.#stack.imported(exportName);
  }

  condition(name: string): unknown {
    return this.#stack.condition(name);
  }

  /** ARN of an EventBridge rule: one of a custom bus names the bus (EventBridge user guide, "Amazon Resource Names"). */
  #eventRuleArn(logicalId: string): string {
    const { Name, EventBusName } = this.#resources[logicalId]?.Properties ?? {};
    const { name, bus } = this.#resolved(logicalId, {
      name: Name ?? logicalId,
      bus: EventBusName ?? 'default',
    });
    const busName = String(bus).split('/').at(-1);
    const rule = busName === 'default' ? String(name) : `${busName}/${String(name)}`;
    return `arn:${PLACE.partition}:events:${PLACE.region}:${PLACE.accountId}:rule/${rule}`;
  }

  /** From a name, or an ARN as it is. */
  #functionArn(nameOrArn: string): string {
    if (nameOrArn.startsWith('arn:')) return nameOrArn;
    return `arn:${PLACE.partition}:lambda:${PLACE.region}:${PLACE.accountId}:function:${nameOrArn}`;
  }

  #resolved(logicalId: string, properties: Readonly<Record<string, unknown>>): Resolved {
    const kept = Object.fromEntries(
      Object.entries(properties).filter(([name]) => !OF_THE_DEPLOYMENT.includes(name)),
    );
    const resolved = resolveIntrinsics(kept, this, this.#stack.refusing(logicalId, ''));
    if (!isRecord(resolved)) throw new Error(`${logicalId} has no properties`);
    // Everything that comes out of a template is JSON.
    return resolved as Resolved;
  }
}
