import type { Manifest } from '#shared/contracts/manifest.ts';
import type { RunningImage } from './image.ts';
import type { Kept } from './kept.ts';
import type { DownloadFailure, Heard, Said } from './machine/state.ts';

/** What a device hears from its link. */
export interface LinkListener {
  /** Connected and subscribed: what was not sent can be sent now. */
  onUp(): void;
  onMessage(kind: Heard, payload: Uint8Array): void;
}

/** The connection of a device to its backend. It comes and goes by itself between `open` and `close`. */
export interface Link {
  open(listener: LinkListener): void;
  /** Resolves when the broker has the message; rejects when it does not, or nobody knows. */
  publish(kind: Said, payload: Uint8Array): Promise<void>;
  /** Ends the connection; nothing is heard afterwards. */
  close(): Promise<void>;
}

/** What has to be downloaded. */
export interface Wanted {
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** For whom the download behaves differently; the bytes are told by their digest only. */
  readonly version: string;
}

/** A download did not succeed, and what that asks for. */
export class DownloadError extends Error {
  readonly failure: DownloadFailure;

  constructor(failure: DownloadFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DownloadError';
    this.failure = failure;
  }
}

/** Gets artifacts. */
export interface Downloader {
  /**
   * Resolves to the path of a file whose size and sha256 are as wanted; goes on where an earlier try broke off. Rejects
   * with `DownloadError`, also when `signal` aborts it.
   */
  fetch(wanted: Wanted, signal: AbortSignal): Promise<string>;
  /** Forgets what it has of an artifact. */
  discard(sha256: string): Promise<void>;
}

/** Flash was not, or not wholly, written; the old image still runs. */
export class InstallError extends Error {
  /** A short code fit for counting: `flash-write`, `mismatch`, `battery`, `no-space`, `declined`. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InstallError';
    this.reason = reason;
  }
}

/** The hardware side of a device: slots, boot loader, self-test. */
export interface Installer {
  /** Puts the image where the next boot takes it on trial. Rejects with `InstallError`. */
  install(path: string, manifest: Manifest): Promise<void>;
  /** Restarts. On hardware it never resolves; where the process lives on it resolves when the next boot may begin. */
  reboot(): Promise<void>;
  runningImage(): Promise<RunningImage>;
  /**
   * Makes the running image permanent, once it has proven to work. Rejects with `InstallError` when it does not, with anything else where
   * that could not be written down and may be tried again.
   */
  confirm(): Promise<void>;
}

/** Where a device keeps what outlives its boots. */
export interface StateStore {
  /** What was kept; nothing where there is none, or none that can be read. */
  load(): Promise<Kept>;
  /** Resolves when it would survive a loss of power. */
  save(kept: Kept): Promise<void>;
}
