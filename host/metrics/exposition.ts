/** One value of a family, told apart from the others by its labels. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Values of one meaning. A `counter` only rises, from 0 at the start of the host; a `gauge` is what is so at this moment. */
export interface Family {
  /** Of a-z, 0-9 and _, with its unit at the end; a counter ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** What it says, for people. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What the text below is, for the header `content-type`. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The families as text that Prometheus reads ("Exposition formats", text format 0.0.4). */
export function exposition(families: readonly Family[]): string {
  return families
    .map(
      ({ name, type, help, samples }) =>
        `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${samples.map((sample) => line(name, sample)).join('')}`,
    )
    .join('');
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  );
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
