import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { placeOfHome } from './place.ts';
import { readService } from './read-service.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** The platform stack and the services over it. */
export interface Services {
  readonly platform: ServiceDefinition;
  /** By name of their folder. */
  readonly services: readonly ServiceDefinition[];
}

/** Which services to read. */
export interface ReadServicesOptions {
  /** Folder of the platform stack's `serverless.yml`; the services lie in `services/` below it. */
  readonly root: string;
  readonly stage: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Folders in `services/`; all that have a `serverless.yml` unless told. */
  readonly only?: readonly string[];
}

/** Reads the platform stack and then the services, which import from it. Throws as `readService` does. */
export function readServices({ root, stage, params = {}, only }: ReadServicesOptions): Services {
  const place = placeOfHome(stage);
  const platform = readService({ folder: root, place, params });
  const folders = only ?? servicesIn(path.join(root, 'services'));
  const services = folders.map((name) =>
    readService({ folder: path.join(root, 'services', name), place, params, imports: platform.exports }),
  );
  return { platform, services };
}

function servicesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'serverless.yml')))
    .sort();
}
