import { readFileSync, statSync } from 'node:fs';
import { DEFAULT_SCHEMA, load, Type } from 'js-yaml';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { faultOf } from '#shared/errors/fault-of.ts';

/** A `serverless.yml` or a part of it is written by people; a larger one is a mistake. */
const MAX_FILE_BYTES = 1_000_000;

/** Tags whose long form is `Fn::<tag>`; `!Ref`, `!Condition` and `!GetAtt` have forms of their own. */
const FUNCTIONS = [
  ...['And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'GetAZs', 'If', 'ImportValue', 'Join', 'Not', 'Or'],
  ...['Select', 'Split', 'Sub', 'Transform'],
];
const KINDS = ['scalar', 'sequence', 'mapping'] as const;

/** YAML with the short forms of CloudFormation's intrinsic functions, each read as its long form. */
const SCHEMA = DEFAULT_SCHEMA.extend([
  ...FUNCTIONS.flatMap((name) => tag(name, (value) => ({ [`Fn::${name}`]: value }))),
  ...tag('Ref', (value) => ({ Ref: value })),
  ...tag('Condition', (value) => ({ Condition: value })),
  ...tag('GetAtt', (value) => ({ 'Fn::GetAtt': typeof value === 'string' ? atFirstDot(value) : value })),
]);

/** Reads a YAML (or JSON) file; throws `ConfigurationError` naming file and line when it cannot be read. */
export function readYaml(file: string): unknown {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return load(readFileSync(file, 'utf8'), { schema: SCHEMA, filename: file });
  } catch (cause) {
    const reason = faultOf(cause).message;
    throw new ConfigurationError(`${file} cannot be read: ${reason}`, { cause });
  }
}

function tag(name: string, construct: (value: unknown) => unknown): Type[] {
  return KINDS.map((kind) => new Type(`!${name}`, { kind, construct }));
}

/** `Table.StreamArn` as logical id and attribute; an attribute may hold dots itself. */
function atFirstDot(value: string): readonly string[] {
  const dot = value.indexOf('.');
  return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)];
}
