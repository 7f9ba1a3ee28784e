import path from 'node:path';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { isRecord } from './json.ts';
import { readYaml } from './yaml-schema.ts';

/** What the variables of a `serverless.yml` may name besides itself and other files. */
export interface VariableSources {
  readonly stage: string;
  /** `${opt:x}`: options of the command line, `stage` and `region` among them. */
  readonly options: Readonly<Record<string, string>>;
  /** `${param:x}`. */
  readonly params: Readonly<Record<string, string>>;
}

/** A variable of the framework has a source and a colon (or `file(...)`); `${AWS::Region}` and `${Table.Arn}` are for `!Sub`. */
const VARIABLE = /\$\{(?!AWS::)([A-Za-z][A-Za-z0-9]*(?:\([^)]*\)|:)[^}]*)\}/g;
const FILE = /^file\(([^()]+)\)(?::(.+))?$/;
/** Deeper than this, files or values refer to each other in a circle. */
const MAX_DEPTH = 60;

/**
 * Reads a `serverless.yml` with all its variables resolved, as the Serverless Framework does, but stricter: an unknown
 * variable, one without a value and one with a fallback are refused by name (`ConfigurationError`). Paths in `file()` are
 * relative to the folder of the `serverless.yml`, also in files that are themselves read by `file()`.
 */
export function readWithVariables(file: string, sources: VariableSources): unknown {
  const root = readYaml(file);
  const resolve = (value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new ConfigurationError(`${file}: variables refer to each other in a circle`);
    if (typeof value === 'string') return resolveText(value, depth);
    if (Array.isArray(value)) return value.map((item) => resolve(item, depth + 1));
    if (value instanceof Date) {
      throw new ConfigurationError(
        `${file}: the date ${value.toISOString().slice(0, 10)} must stand in quotes`,
      );
    }
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, depth + 1)]));
  };

  /** A text that is one variable becomes its value, of any type; within a text a value must be a scalar. */
  const resolveText = (text: string, depth: number): unknown => {
    const [first] = text.matchAll(VARIABLE);
    if (first?.[0] === text) return resolve(lookUp(first[1] ?? '', depth), depth + 1);
    return text.replace(VARIABLE, (variable: string, content: string) => {
      const value = resolve(lookUp(content, depth), depth + 1);
      if (typeof value === 'object') throw unresolved(file, variable, 'must be a text or number here');
      return String(value);
    });
  };

  const lookUp = (content: string, depth: number): unknown => {
    const variable = `\${${content}}`;
    if (content.includes(','))
      throw unresolved(file, variable, 'has a fallback, which would hide a typo for ever');
    if (content.includes('${')) throw unresolved(file, variable, 'has a variable inside');
    const value = sourced(content, depth);
    if (value === undefined) throw unresolved(file, variable, 'has no value');
    return value;
  };

  const sourced = (content: string, depth: number): unknown => {
    const [, included, address] = FILE.exec(content) ?? [];
    if (included !== undefined) {
      if (!/\.(ya?ml|json)$/.test(included))
        throw unresolved(file, `\${${content}}`, 'is no YAML or JSON file');
      return at(readYaml(path.resolve(path.dirname(file), included)), address, depth);
    }
    const colon = content.indexOf(':');
    const name = content.slice(colon + 1);
    switch (content.slice(0, colon)) {
      case 'self':
        return at(root, name, depth);
      case 'opt':
        return own(sources.options, name);
      case 'param':
        return own(sources.params, name);
      case 'sls':
        return name === 'stage' ? sources.stage : undefined;
      default:
        throw unresolved(file, `\${${content}}`, 'is a variable of an unknown source');
    }
  };

  /** What `address` (`custom.esbuild.target`) names in `value`, where any step may be a variable itself. */
  const at = (value: unknown, address: string | undefined, depth: number): unknown => {
    if (address === undefined) return value;
    return address.split('.').reduce<unknown>((inner, key) => {
      const record = typeof inner === 'string' ? resolve(inner, depth + 1) : inner;
      return isRecord(record) || Array.isArray(record) ? own(record, key) : undefined;
    }, value);
  };

  return resolve(root, 0);
}

function own(record: object, key: string): unknown {
  return Object.hasOwn(record, key) ? Reflect.get(record, key) : undefined;
}

function unresolved(file: string, variable: string, rule: string): ConfigurationError {
  return new ConfigurationError(`${file}: ${variable} ${rule}`);
}
