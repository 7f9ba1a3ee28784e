/** Parameters of an AWS query: `Parameters.member.1.ParameterKey`. */
export type Query = ReadonlyMap<string, string>;

/** One parameter; empty where it is absent. */
export function text(query: Query, name: string): string {
  return query.get(name) ?? '';
}

/** The prefixes of a list's members: `Parameters.member.1`. */
export function members(query: Query, list: string): string[] {
  const numbers = new Set(
    [...query.keys()].flatMap((key) => new RegExp(`^(${list}\\.member\\.\\d+)\\.`).exec(key)?.[1] ?? []),
  );
  return [...numbers];
}
