/**
 * Where what is meant today is not what it meant: paths with both, the first few. Names that are meant besides are none: what reads more
 * takes nothing away.
 */
export function changesOf(meant: unknown, means: unknown, at = ''): string[] {
  if (isObject(meant) && isObject(means) && Array.isArray(meant) === Array.isArray(means)) {
    const count =
      Array.isArray(meant) && Array.isArray(means) && meant.length !== means.length
        ? [`${at}: were ${meant.length}, are ${means.length}`]
        : [];
    return [
      ...count,
      ...Object.entries(meant).flatMap(([name, inner]) => changesOf(inner, means[name], `${at}/${name}`)),
    ];
  }
  return Object.is(meant, means) ? [] : [`${at}: was ${textOf(meant)}, is ${textOf(means)}`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 120);
