import path from 'node:path';
import type { Bindable } from '#host/runtime/function-pool.ts';
import { loadHandler } from '#host/runtime/load-handler.ts';
import { readServices, type Services } from '#host/serverless/read-services.ts';
import { withForeignResources } from '#host/testing/foreign-resources.ts';
import { loadOtherBuild, type OtherBuild } from '../beside/other-build.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** The stage that everything is named after. */
export const STAGE = 'sim';

/** The services and their handlers, read and loaded once a process: what follows happens in memory alone. */
export interface LoadedServices {
  readonly services: Services;
  /** By module file. */
  readonly handlers: ReadonlyMap<string, Bindable>;
  /** The same functions of another version, which serves beside this one during a deployment. */
  readonly other: OtherBuild;
}

/** Reads all services of the repository and loads every handler, and those of the version in `beside`, or of the next version. */
export async function loadServices(beside?: string): Promise<LoadedServices> {
  const read = readServices({ root: ROOT, stage: STAGE });
  const [platform = read.platform, ...services] = withForeignResources([read.platform, ...read.services]);
  const files = [platform, ...services].flatMap(({ functions }) =>
    functions.map(({ handlerFile }) => handlerFile),
  );
  const handlers = new Map<string, Bindable>();
  for (const file of files) handlers.set(file, await loadHandler(file));
  return { services: { platform, services }, handlers, other: await loadOtherBuild(files, beside) };
}
