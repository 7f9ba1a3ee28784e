import type { Template } from '../../../build/template.ts';

/** A template in the making: everything in it may be changed. */
// biome-ignore lint/suspicious/noExplicitAny: faults reach into templates of any shape, as somebody's edit would.
export type Draft = { Resources: Record<string, any> };

/** A fault as somebody could make it in one edit, and what the gate must say of it. */
export interface PlantedFault {
  /** In words: `a rule without an error action`. */
  readonly title: string;
  /** Folder of the service, or `platform`. */
  readonly stack: string;
  readonly plant: (template: Draft) => void;
  /** The finding: rule and logical id of the resource. */
  readonly rule: string;
  readonly resource: string;
}

/** A copy of the template with the fault in it. */
export function planted(template: Template, { plant }: PlantedFault): Template {
  const draft: Draft = structuredClone({ Resources: { ...template.Resources } });
  plant(draft);
  return draft;
}
