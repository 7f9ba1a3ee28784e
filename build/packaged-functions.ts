import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lateFileOf } from './bundles/late-file.ts';
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
  /** Name of the file in its archive that Lambda loads. */
  readonly bundleFile: string;
  /** What is in its archive, by name: that file, and the one with its late libraries. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The bytes of all its files: what it weighs, and where a client would be found. */
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

/** The functions in the folder of a packaged stack, each with its bundle; throws for an archive with anything else in it. */
export function functionsIn(folder: string): PackagedFunction[] {
  const state: State = JSON.parse(readFileSync(path.join(folder, 'serverless-state.json'), 'utf8'));
  const rules = ofType(templateIn(folder).Resources, 'AWS::IoT::TopicRule');
  return Object.entries(state.service.functions ?? {})
    .filter(([key]) => !key.startsWith('custom-resource'))
    .map(([key, { events = [] }]) => {
      const files = readZip(readFileSync(path.join(folder, `${key}.zip`)));
      const bundleFile = loadedFile(key, files);
      const byRule = rules.filter(([, rule]) => JSON.stringify(rule).includes(`"${aliasIdOf(key)}"`));
      return {
        key,
        triggers: [
          ...events.map(describeEvent),
          ...byRule.map(([, { Properties }]) => `rule ${String(Properties.RuleName)}`),
        ],
        bundleFile,
        files,
        bundle: Buffer.concat([...files.values()]),
      };
    });
}

/** Puts the files of a function where it can be loaded from, and gives the one to load. */
export function unpackInto(folder: string, { bundleFile, files }: PackagedFunction): string {
  for (const [name, bytes] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return path.join(folder, bundleFile);
}

function loadedFile(key: string, files: ReadonlyMap<string, Buffer>): string {
  const names = [...files.keys()];
  const loaded = names.find((name) => path.basename(name) === 'handler.cjs');
  if (loaded === undefined) throw new Error(`the bundle of ${key} has no handler.cjs`);
  const late = path.posix.join(path.posix.dirname(loaded), lateFileOf(loaded));
  const other = names.find((name) => name !== loaded && name !== late);
  if (other !== undefined) throw new Error(`the bundle of ${key} holds ${other}, which belongs to nothing`);
  return loaded;
}

function describeEvent(event: Event): string {
  const [kind = '', settings] = Object.entries(event)[0] ?? [];
  // As the framework has written it: each kind of event has some of these, and each is printed as it is.
  const { method, path: route, rate } = (settings ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'httpApi') return `${String(method)} ${String(route)}`;
  return kind === 'schedule' ? String(rate) : kind;
}
