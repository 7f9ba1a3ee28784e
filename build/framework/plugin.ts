import { aliasIdOf, LIVE, type Resources } from '../template.ts';
import { completed } from './complete-template.ts';
import type { CounterRule } from './function-alarms.ts';

/** A function in the framework's memory: what its file says, and what the framework adds. */
interface FunctionOfFramework {
  targetAlias?: { readonly name: string; readonly logicalId: string };
  iamRoleStatementsName?: string;
}

/** The part of the Serverless Framework that is used here. */
interface Serverless {
  readonly service: {
    readonly service: string;
    readonly functions?: Record<string, FunctionOfFramework>;
    readonly custom: { readonly alarms?: readonly CounterRule[] };
    readonly provider: {
      readonly stage: string;
      readonly compiledCloudFormationTemplate: { Resources: Resources };
    };
  };
  readonly processedInput: { readonly options: { readonly param?: readonly string[] } };
}

/** `--param canary=off`: new versions get all traffic at once. */
const CANARY_OFF = 'canary=off';

/**
 * Local plugin of the services: all triggers invoke the alias `live`, which is rolled out as a canary, and every service has the
 * same alarms. The framework knows aliases as targets (it has them for provisioned concurrency), and then aims events, permissions
 * and invoke configurations by itself.
 */
export default class EvenkeelPlugin {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ service, processedInput }: Serverless) {
    this.hooks = {
      'before:package:compileFunctions': () => {
        for (const [key, definition] of Object.entries(service.functions ?? {})) {
          definition.targetAlias = { name: LIVE, logicalId: aliasIdOf(key) };
          // The name that would be made stops packaging in Regions where it is too long; this one is taken away again.
          definition.iamRoleStatementsName = key;
        }
      },
      // The last moment before the template is written: all resources are there, those of the service's own files too.
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { stage, compiledCloudFormationTemplate: template } = service.provider;
        template.Resources = completed({
          service: service.service,
          keys: Object.keys(service.functions ?? {}),
          place: { stage, topic: { 'Fn::ImportValue': `evenkeel-${stage}-alarm-topic` } },
          counters: service.custom.alarms ?? [],
          allAtOnce: processedInput.options.param?.includes(CANARY_OFF) ?? false,
          resources: template.Resources,
        });
      },
    };
  }
}
