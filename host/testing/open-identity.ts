import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, openAuthority } from '#host/identity/authority.ts';
import { LocalIdentity } from '#host/identity/local-identity.ts';
import { TableThingRegistry, THINGS_TABLE, type ThingRegistry } from '#host/identity/thing-registry.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { openStore } from './open-store.ts';

/** Identities over a real store, whose time is real because TLS looks at the real clock. */
export interface OpenLocalIdentity {
  readonly identity: LocalIdentity;
  readonly registry: ThingRegistry;
  readonly authority: Authority;
  readonly table: EmbeddedTable;
  /** The authority's directory. */
  readonly directory: string;
  /** Things of which a certificate was revoked, in order. */
  readonly revoked: string[];
  isInForce(certificateId: string): boolean;
  close(): Promise<void>;
}

/** Opens identities in a directory of their own; for tests. */
export async function openIdentity(): Promise<OpenLocalIdentity> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-identity-'));
  const opened = openStore();
  const table = opened.store.table(THINGS_TABLE);
  const authority = await openAuthority(directory, realWorld);
  const registry = new TableThingRegistry(table, realWorld);
  const revoked: string[] = [];
  const onRevoked = async (thing: string) => {
    revoked.push(thing);
  };
  const identity = new LocalIdentity({ authority, registry, endpoint: 'localhost:8883', onRevoked });
  return {
    identity,
    registry,
    authority,
    table,
    directory,
    revoked,
    isInForce: (certificateId) => registry.find(certificateId)?.status === 'active',
    async close() {
      await opened.close();
      await rm(directory, { recursive: true });
    },
  };
}
