import { conditionHolds, resolveIntrinsics, type StackScope } from '#host/serverless/intrinsics.ts';
import type { StackResource, StackTemplate } from '../../deploy/stack-template.ts';
import { type StubAccount, StubFault } from './account.ts';

/** Property with the name of a resource, for types whose names are unique in an account. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::IoT::Policy': 'PolicyName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
};

/** The values of a template in an account, with the resources that there are. */
export class StubValues {
  readonly #account: StubAccount;
  readonly #template: StackTemplate;
  readonly #scope: StackScope;

  constructor(
    account: StubAccount,
    template: StackTemplate,
    options: {
      readonly parameters: Readonly<Record<string, string>>;
      readonly resources: ReadonlyMap<string, string>;
      readonly stackName: string;
    },
  ) {
    this.#account = account;
    this.#template = template;
    const { accountId, region } = account;
    const pseudo: Record<string, string> = {
      'AWS::AccountId': accountId,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackName': options.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    this.#scope = {
      ref: (id) => pseudo[id] ?? options.parameters[id] ?? options.resources.get(id),
      attribute: (id, name) => {
        const physicalId = options.resources.get(id);
        return physicalId === undefined ? undefined : `${physicalId}/${name}`;
      },
      imported: (name) => account.exports().get(name),
      condition: (name) => template.Conditions?.[name],
    };
  }

  /** The resources that exist under these parameters. */
  wanted(): [logicalId: string, resource: StackResource][] {
    return Object.entries(this.#template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || conditionHolds(Condition, this.#scope, refuse),
    );
  }

  /** The name that a resource asks for; `undefined` where AWS makes one. */
  nameOf({ Type, Properties = {} }: StackResource): string | undefined {
    const property = NAMES[Type];
    const value = property === undefined ? undefined : Properties[property];
    return value === undefined ? undefined : String(resolveIntrinsics(value, this.#scope, refuse));
  }

  outputs(): Record<string, string> {
    const entries = Object.entries(this.#template.Outputs ?? {}) as [
      string,
      { Condition?: string; Value: unknown },
    ][];
    return Object.fromEntries(
      entries
        .filter(
          ([, { Condition }]) => Condition === undefined || conditionHolds(Condition, this.#scope, refuse),
        )
        .map(([name, { Value }]) => [name, String(resolveIntrinsics(Value, this.#scope, refuse))]),
    );
  }

  /** Throws where a resource refers to what the template does not have, or imports what nobody exports. */
  checkReferences(): void {
    const known = new Set([
      ...Object.keys(this.#template.Resources),
      ...Object.keys(this.#template.Parameters ?? {}),
    ]);
    const text = JSON.stringify(this.#template.Resources);
    const named = [
      ...text.matchAll(/\{"Ref":"(?!AWS::)([^"]+)"\}/g),
      ...text.matchAll(/"Fn::GetAtt":\["([^"]+)"/g),
      ...[...text.matchAll(/"Fn::Sub":"((?:[^"\\]|\\.)*)"/g)].flatMap(([, sub = '']) => [
        ...sub.matchAll(/\$\{(?!!|AWS::)([A-Za-z0-9]+)[.}]/g),
      ]),
    ].map(([, id = '']) => id);
    const missing = [...new Set(named.filter((id) => !known.has(id)))];
    if (missing.length > 0) {
      throw new StubFault(
        'ValidationError',
        `Template format error: Unresolved resource dependencies [${missing.join(', ')}] in the Resources block of the template`,
      );
    }
    const exported = this.#account.exports();
    for (const [, name = ''] of text.matchAll(/"Fn::ImportValue":"([^"]+)"/g))
      if (!exported.has(name)) throw new StubFault('ValidationError', `No export named ${name} found.`);
  }
}

function refuse(rule: string): never {
  throw new StubFault('ValidationError', rule);
}
