/** What a stack needs of others, without stage, Region and account: `bus-arn`, `report-log`. */
export interface StackReferences {
  /** Exports that it imports. */
  readonly imports: readonly string[];
  /** Resources of others that it names, because their names follow from stage, account and Region alone. */
  readonly names: readonly string[];
}

/** Properties that give a resource of this very stack its name. */
const OWN_NAME =
  /^(Queue|Table|Bucket|Alarm|Function|Role|Policy|Topic|LogGroup|Rule|Dashboard|Application)Name$|^Name$/;

/** Reads the references to other stacks in a packaged template of that stage; throws for an import whose name is not fixed. */
export function referencesIn(template: unknown, stage: string): StackReferences {
  const imports = new Set<string>();
  const named = new Set<string>();
  const own = new Set<string>();
  const ours = new RegExp(`evenkeel-${stage}-([a-z]+(?:-[a-z]+)*)`, 'g');
  const namesOf = (value: unknown) =>
    [...JSON.stringify(value ?? '').matchAll(ours)].flatMap(([, name]) => name ?? []);
  const walk = (value: unknown) => {
    if (typeof value === 'string') for (const name of namesOf(value)) named.add(name);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'Fn::ImportValue') {
        const [name, ...others] = namesOf(inner);
        if (typeof inner !== 'string' || name === undefined || others.length > 0)
          throw new Error(`imports ${JSON.stringify(inner)}`);
        imports.add(name);
      } else if (key !== 'Export') {
        if (OWN_NAME.test(key)) for (const name of namesOf(inner)) own.add(name);
        walk(inner);
      }
    }
  };
  walk(template);
  return { imports: [...imports].sort(), names: [...named].filter((name) => !own.has(name)).sort() };
}
