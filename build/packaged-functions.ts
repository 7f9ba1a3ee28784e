import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readZip } from './read-zip.ts';
import { aliasIdOf, ofType, type Template } from './template.ts';

/** What the framework keeps of a service beside its template: its file with all variables resolved. */
interface State {
  readonly service: {
    readonly functions?: Readonly<
      Record<string, { readonly handler: string; readonly events?: readonly Event[] }>
    >;
  };
}
type Event = Readonly<Record<string, unknown>>;

/** A function as it would be uploaded. */
export interface PackagedFunction {
  readonly key: string;
  /** `httpApi POST /devices`, `sqs`, `stream`, `rule ek_check`. */
  readonly triggers: readonly string[];
  /** Name of the one file in its archive. */
  readonly bundleFile: string;
  readonly bundle: Buffer;
}

/** The file of the template in the folder of a packaged stack. */
export function templateFileIn(folder: string): string {
  return path.join(folder, 'cloudformation-template-update-stack.json');
}

/** The template in the folder of a packaged stack. */
export function templateIn(folder: string): Template {
  return JSON.parse(readFileSync(templateFileIn(folder), 'utf8'));
}

/** The functions in the folder of a packaged stack, each with its bundle; throws unless a bundle is exactly one file. */
export function functionsIn(folder: string): PackagedFunction[] {
  const state: State = JSON.parse(readFileSync(path.join(folder, 'serverless-state.json'), 'utf8'));
  const rules = ofType(templateIn(folder).Resources, 'AWS::IoT::TopicRule');
  return Object.entries(state.service.functions ?? {})
    .filter(([key]) => !key.startsWith('custom-resource'))
    .map(([key, { events = [] }]) => {
      const [file, ...others] = readZip(readFileSync(path.join(folder, `${key}.zip`)));
      if (file === undefined || others.length > 0) throw new Error(`the bundle of ${key} is not one file`);
      const byRule = rules.filter(([, rule]) => JSON.stringify(rule).includes(`"${aliasIdOf(key)}"`));
      return {
        key,
        triggers: [
          ...events.map(describeEvent),
          ...byRule.map(([, { Properties }]) => `rule ${String(Properties.RuleName)}`),
        ],
        bundleFile: file[0],
        bundle: file[1],
      };
    });
}

function describeEvent(event: Event): string {
  const [kind = '', settings] = Object.entries(event)[0] ?? [];
  const { method, path: route, rate } = (settings ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'httpApi') return `${String(method)} ${String(route)}`;
  return kind === 'schedule' ? String(rate) : kind;
}
