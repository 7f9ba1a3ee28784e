import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ThrottledError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { networkOf } from './network-of.ts';

/** A download has had its turn after so long. */
const TURN_MS = 30_000;
/** One that has had its turn and is slower than this makes room for any other: a device on a line that is in order is faster. */
const SLOW_BYTES_PER_SECOND = 16_384;

interface Transfer {
  readonly network: string;
  readonly address: string;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly isDownload: boolean;
  readonly sinceMs: number;
  readonly bytesBefore: number;
}

/** What transfers are bounded by, and who hears of it. */
export interface TransfersParts {
  /** So many at the same time. */
  readonly most: number;
  readonly world: Pick<World, 'monotonicMs'>;
  /** Hears of whom there was no room for, and of the rule. */
  readonly onNoRoom: (address: string, rule: string) => void;
}

/**
 * Uploads and downloads that are at work. When there are as many as there may be, a download gives its place up for one that has a better
 * claim, and its device goes on with the rest later: one of the address that has the most, as long as the newcomer's has fewer, or one that
 * crawls. So nobody holds all of them for long, and a fleet that comes from one address has all of them while nobody else wants any.
 * Uploads are people's, and stay.
 */
export class Transfers {
  readonly #parts: TransfersParts;
  /** The oldest first. */
  readonly #all = new Set<Transfer>();

  constructor(parts: TransfersParts) {
    this.#parts = parts;
  }

  /** Counts one until its answer has ended. Throws `ThrottledError` when there is no room for it. */
  begin({ method, socket }: IncomingMessage, response: ServerResponse): void {
    const { most, world, onNoRoom } = this.#parts;
    const address = socket.remoteAddress ?? 'unknown';
    const network = networkOf(address);
    if (this.#all.size >= most) {
      const leaving = this.#leavingFor(network);
      if (leaving === undefined) {
        const rule = `at most ${most} uploads and downloads at the same time`;
        onNoRoom(address, rule);
        throw new ThrottledError(rule);
      }
      onNoRoom(
        leaving.address,
        'a download must make room for one of an address with fewer, or when it crawls',
      );
      this.#all.delete(leaving);
      leaving.response.destroy();
    }
    const transfer: Transfer = {
      network,
      address,
      response,
      socket,
      isDownload: method !== 'PUT',
      sinceMs: world.monotonicMs(),
      bytesBefore: sentBytes(socket),
    };
    this.#all.add(transfer);
    response.once('close', () => this.#all.delete(transfer));
  }

  /** Who must go so that one from that network may come, if anybody. */
  #leavingFor(network: string): Transfer | undefined {
    const downloads = [...this.#all].filter(({ isDownload }) => isDownload);
    const byNetwork = Map.groupBy(downloads, (one) => one.network);
    const [most = []] = [...byNetwork.values()].sort((a, b) => b.length - a.length);
    // The newcomer's gains one and the other's loses one: with less between them they would only change places.
    if (most.length > (byNetwork.get(network)?.length ?? 0) + 1) return this.#slowest(most) ?? most[0];
    const slowest = this.#slowest(downloads);
    return slowest !== undefined && this.#speedOf(slowest) < SLOW_BYTES_PER_SECOND ? slowest : undefined;
  }

  /** Of those that have had their turn. */
  #slowest(downloads: readonly Transfer[]): Transfer | undefined {
    const untilMs = this.#parts.world.monotonicMs() - TURN_MS;
    const [first, ...others] = downloads.filter(({ sinceMs }) => sinceMs <= untilMs);
    if (first === undefined) return undefined;
    return others.reduce((slow, one) => (this.#speedOf(one) < this.#speedOf(slow) ? one : slow), first);
  }

  /** Bytes a second since it began. */
  #speedOf({ socket, bytesBefore, sinceMs }: Transfer): number {
    const seconds = (this.#parts.world.monotonicMs() - sinceMs) / 1000;
    return (sentBytes(socket) - bytesBefore) / seconds;
  }
}

/** What has been handed to the system so far. */
const sentBytes = (socket: Socket): number => socket.bytesWritten - socket.writableLength;
