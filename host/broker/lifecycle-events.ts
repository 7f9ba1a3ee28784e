import type { PublishTopic } from '#host/iot/publish-topic.ts';
import type { RuleMessage } from '#host/iot/sql/rule-message.ts';
import type { HostLog } from '#host/runtime/host-log.ts';
import type { TableDefinition } from '#host/store/table-definition.ts';
import type { Item, Table } from '#shared/capabilities/table.ts';
import type { World } from '#shared/world/world.ts';
import type { EndReason } from './frame-gate.ts';
import { connectedEvent, disconnectedEvent, type PresenceMessage, type Session } from './presence.ts';

/** The host's own table of the sessions that last; no device waits until that is on disk. */
export const SESSIONS_TABLE: TableDefinition = { name: 'sessions', aside: true };

/** What lifecycle events are told with. */
export interface LifecycleParts {
  /** Runs the rules for a message; resolves once what they keep is durable. */
  readonly onPublish: (to: PublishTopic, message: RuleMessage) => Promise<void>;
  readonly world: Pick<World, 'now' | 'randomBytes'>;
  readonly log: HostLog;
  /** A table of that definition; absent where the broker never ends without telling of it. */
  readonly sessions?: Table;
}

const PARTITION = 'session';
/** Sessions of a broker that was killed are told to be over by so many at once. */
const PAGE = 100;

/**
 * Tells of sessions that begin and end, as AWS IoT Core does: of each end, also where the broker was killed. A session is noted while it lasts;
 * whoever serves the directory next tells of those that are left.
 */
export class LifecycleEvents {
  readonly #parts: LifecycleParts;
  /** Tells sessions of this broker from those before it. */
  readonly #run: string;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#run = Buffer.from(parts.world.randomBytes(8)).toString('hex');
  }

  /** A client has connected. */
  began(clientId: string, { certificateId, session }: Session): void {
    const { sessions, world } = this.#parts;
    const put = { ...keyOf(session), clientId, certificateId, run: this.#run };
    if (sessions !== undefined) this.#follow(this.#noted(sessions.write({ put }), clientId));
    this.#follow(
      this.#tell(connectedEvent(clientId, { certificateId, session }, world.now()), {
        clientId,
        certificateId,
      }),
    );
  }

  /** A client is gone, and why. */
  ended(clientId: string, session: Session, reason: EndReason): void {
    this.#follow(this.#tellEnd(clientId, session, this.#parts.world.now(), reason));
  }

  /**
   * Tells that the sessions of brokers before this one have ended at `endedMs` (milliseconds since 1970), a page after the other; answers how
   * many there were. Those that cannot be told are left to the next start.
   */
  async tellLeftOver(endedMs: number): Promise<number> {
    const told = this.#tellPages(endedMs);
    this.#follow(told);
    return told;
  }

  /** Resolves once everything is kept that is to be told; no further page is begun. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #tellPages(endedMs: number): Promise<number> {
    const { sessions } = this.#parts;
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await sessions?.query({
        partition: PARTITION,
        limit: PAGE,
        consistent: true,
        ...(cursor !== undefined && { cursor }),
      });
      const over = page?.items.filter(({ run }) => run !== this.#run) ?? [];
      await Promise.all(over.map((item) => this.#tellItem(item, endedMs)));
      count += over.length;
      cursor = page?.cursor;
    } while (cursor !== undefined && !this.#isClosed);
    return count;
  }

  #tellItem({ sk, clientId, certificateId }: Item, endedMs: number): Promise<void> {
    const session = { session: String(sk), certificateId: String(certificateId) };
    return this.#tellEnd(String(clientId), session, endedMs, 'CONNECTION_LOST');
  }

  async #tellEnd(clientId: string, session: Session, atMs: number, reason: EndReason): Promise<void> {
    const { sessions } = this.#parts;
    const { certificateId } = session;
    const isKept = await this.#tell(disconnectedEvent(clientId, session, atMs, reason), {
      clientId,
      certificateId,
    });
    if (isKept && sessions !== undefined)
      await this.#noted(sessions.write({ delete: keyOf(session.session) }), clientId);
  }

  /** Answers whether it is kept. */
  async #tell(
    { topic, payload }: PresenceMessage,
    { clientId, certificateId }: { readonly clientId: string; readonly certificateId: string },
  ): Promise<boolean> {
    const { onPublish, world, log } = this.#parts;
    const message = { topic, payload, clientId, principal: certificateId, timestampMs: world.now() };
    try {
      await onPublish({ ruleName: undefined, topic }, message);
      return true;
    } catch (error) {
      log.error('a lifecycle event could not be kept', error, { client: clientId });
      return false;
    }
  }

  async #noted(written: Promise<unknown>, clientId: string): Promise<void> {
    await written.catch((error: unknown) =>
      this.#parts.log.error('a session could not be noted', error, { client: clientId }),
    );
  }

  #follow(work: Promise<unknown>): void {
    this.#underWay.add(work);
    const done = () => this.#underWay.delete(work);
    work.then(done, done);
  }
}

const keyOf = (session: string) => ({ pk: PARTITION, sk: session });
