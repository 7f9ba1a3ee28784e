import type { AuditLog, Seal } from '#shared/audit/seal.ts';
import { type AuditVerdict, verifyAudit } from '#shared/audit/verify-audit.ts';
import type { TestHost } from './test-host.ts';

/** An audit log as the API tells it, and what came of holding it against its seals. */
export interface SealedLog {
  readonly texts: readonly string[];
  readonly seals: readonly Seal[];
  readonly verdict: AuditVerdict;
}

/** Small, so that there is more than one. */
const PAGE = 2;

/** Reads the whole audit log at that path (`/devices/cam-0001/audit`) and the whole chain of `log`, page by page, and verifies it. */
export async function readSealedLog(
  host: TestHost,
  { log, about, path }: { readonly log: AuditLog; readonly about: string; readonly path: string },
): Promise<SealedLog> {
  const chain = await allPages(host, `/audit/seals/${log}`);
  const seals: Seal[] = chain.flatMap((page) => page.seals);
  const keys = new Map<string, string>(
    chain.flatMap((page) => page.keys).map(({ keyId, publicKeyPem }) => [keyId, publicKeyPem]),
  );
  const pages = await allPages(host, path);
  const texts: string[] = pages.flatMap(({ entries }) => entries).map(({ text }) => text);
  const nowMs = host.world.now();
  return { texts, seals, verdict: verifyAudit({ log, about, entries: texts, seals, keys, nowMs }) };
}

async function allPages(host: TestHost, path: string) {
  const pages = [];
  let cursor = '';
  do {
    const { body } = await host.http(
      'GET',
      `${path}?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    pages.push(body);
    cursor = body.cursor ?? '';
  } while (cursor !== '');
  return pages;
}
