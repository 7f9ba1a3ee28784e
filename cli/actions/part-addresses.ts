import type * as z from 'zod';
import { BeginUpload, type UploadView } from '#shared/contracts/api/firmware.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError } from '../errors.ts';

/** Where one part goes. */
export interface PartAddress {
  readonly url: string;
  /** Which of the answers that gave out addresses this one came with. */
  readonly generation: number;
}

/** One artifact of one release. */
export interface ArtifactId {
  readonly product: string;
  readonly version: string;
  readonly hardware: string;
}

/**
 * Where the parts of an upload go. Addresses live an hour; an upload over a slow line takes longer and asks for new ones, of the
 * same upload, so that what was sent before counts.
 */
export class PartAddresses {
  readonly uploadId: string;
  readonly partSizeBytes: number;
  /** Parts by number, rising. */
  readonly numbers: readonly number[];
  /** ETags of what the bucket had, when it was first asked, for parts of an upload that was interrupted; by number. */
  readonly arrived: ReadonlyMap<number, string>;
  readonly #ask: () => Promise<PartAddresses>;
  #urls: ReadonlyMap<number, string>;
  #generation = 0;
  #renewal: Promise<void> | undefined;

  private constructor(upload: z.infer<typeof UploadView>, ask: () => Promise<PartAddresses>) {
    this.uploadId = upload.uploadId;
    this.partSizeBytes = upload.partSizeBytes;
    this.#urls = new Map(upload.parts.map(({ number, url }) => [number, url]));
    this.numbers = [...this.#urls.keys()].toSorted((a, b) => a - b);
    this.arrived = new Map(upload.parts.flatMap(({ number, etag }) => (etag ? [[number, etag]] : [])));
    this.#ask = ask;
  }

  /** Begins the upload, or goes on with the one that was begun before. */
  static async ask(client: ApiClient, params: ArtifactId): Promise<PartAddresses> {
    const upload = await client.call(BeginUpload, { params }, { idempotent: true });
    return new PartAddresses(upload, () => PartAddresses.ask(client, params));
  }

  /** The address of a part, the newest there is. */
  of(number: number): PartAddress {
    const url = this.#urls.get(number);
    if (url === undefined) throw new FailedError(`the upload has no part ${number}`);
    return { url, generation: this.#generation };
  }

  /** Asks for new addresses, once for all that find theirs expired. Throws `FailedError` if the upload is another one by now. */
  async renew(expired: PartAddress): Promise<void> {
    if (expired.generation !== this.#generation) return;
    this.#renewal ??= this.#replace().finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  async #replace(): Promise<void> {
    const renewed = await this.#ask();
    if (renewed.uploadId !== this.uploadId) {
      throw new FailedError('the upload was begun anew elsewhere', 'Push again when nobody else does.');
    }
    this.#urls = renewed.#urls;
    this.#generation++;
  }
}
