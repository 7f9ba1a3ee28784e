import { constants } from 'node:os';
import { Readable } from 'node:stream';

/** A file: what programs see of it, and what is on the medium. */
interface Inode {
  bytes: Buffer;
  synced: Buffer;
  /** Its block of flash is dead: it can be named otherwise or removed, and not read. */
  isDead?: true;
}

/**
 * What a loss of power leaves: `all` (the process died, the machine did not), only what was synced (`synced`), names of which the file
 * system kept its journal over bytes that never came (`names`), or over half of these (`half`).
 */
export const LEAVINGS = ['all', 'synced', 'names', 'half', 'zeros'] as const;
export type Leaving = (typeof LEAVINGS)[number];

/** From which operation on the disk does what: nothing any more (the power is out), or refuses with a code. */
export interface DiskFault {
  /** Counted from 1 over everything that changes the disk, syncs included. */
  readonly from: number;
  /** So many operations; all that follow unless given. */
  readonly count?: number;
  readonly code: 'cut' | 'ENOSPC' | 'EROFS' | 'EIO';
}

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * A disk in memory that counts whatever changes it and fails where it is told, with as much of `node:fs/promises` as a device uses.
 * POSIX promises no more than it does: bytes are safe once their file is synced, names once their directory is. Directories themselves are
 * safe at once.
 */
export class PowerDisk {
  /** What was done, in order, for whoever looks where a test failed. */
  readonly log: string[] = [];
  fault: DiskFault | undefined;
  /** How many bytes it has room for, over all files. */
  roomBytes = Number.POSITIVE_INFINITY;
  #operations = 0;
  #boots = 0;
  #names = new Map<string, Inode>();
  #synced = new Map<string, Inode>();

  get operations(): number {
    return this.#operations;
  }

  /** The paths of all files. */
  get paths(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  /** The bytes of a file as programs see them; none where there is no such file. */
  bytesOf(path: string): Buffer | undefined {
    return this.#names.get(path)?.bytes;
  }

  /** Of all files. */
  get usedBytes(): number {
    return [...new Set(this.#names.values())].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Puts a file there as if it had been there for long. */
  place(path: string, bytes: Uint8Array): void {
    const inode = { bytes: Buffer.from(bytes), synced: Buffer.from(bytes) };
    this.#names.set(path, inode);
    this.#synced.set(path, inode);
  }

  /** A file that is there cannot be read any more. */
  wearOut(path: string): void {
    this.#inode(path).isDead = true;
  }

  /** Power comes back; what waited for the disk before waits for ever. */
  powerOn(leaving: Leaving): void {
    this.#boots += 1;
    this.fault = undefined;
    if (leaving === 'synced') this.#names = new Map(this.#synced);
    for (const inode of new Set(this.#names.values())) {
      const { bytes, synced } = inode;
      if (leaving === 'synced' || leaving === 'names') inode.bytes = synced;
      if (leaving === 'half' && !bytes.equals(synced)) {
        inode.bytes = bytes.subarray(0, Math.floor((synced.length + bytes.length) / 2));
      }
      if (leaving === 'zeros' && !bytes.equals(synced)) {
        inode.bytes = Buffer.concat([synced, Buffer.alloc(Math.max(0, bytes.length - synced.length))]);
      }
      inode.synced = inode.bytes;
    }
    this.#synced = new Map(this.#names);
  }

  /** What a device uses of `node:fs/promises` and `node:fs`. */
  readonly promises = {
    mkdir: async () => undefined,
    open: (path: string, flags: string) => this.#open(path, flags),
    readFile: (path: string) => this.#read(path, (inode) => inode.bytes.toString()),
    writeFile: async (path: string, text: string) => {
      const inode = await this.#write(path, Buffer.alloc(0));
      if (text !== '') await this.#append(path, inode, Buffer.from(text));
    },
    rename: (from: string, to: string) =>
      this.#change(`rename ${from} ${to}`, () => {
        this.#names.set(to, this.#inode(from));
        this.#names.delete(from);
      }),
    rm: (path: string) =>
      this.#change(`rm ${path}`, () => {
        for (const other of this.paths)
          if (other === path || other.startsWith(`${path}/`)) this.#names.delete(other);
      }),
    link: (from: string, to: string) =>
      this.#change(`link ${from} ${to}`, () => void this.#names.set(to, this.#inode(from))),
    copyFile: async (from: string, to: string) => {
      const { bytes } = await this.#read(from, (inode) => inode);
      await this.#append(to, await this.#write(to, Buffer.alloc(0)), bytes);
    },
    readdir: (directory: string) =>
      this.#awake(() =>
        this.paths.flatMap((path) =>
          path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : [],
        ),
      ),
    stat: (path: string) => this.#read(path, (inode) => ({ size: inode.bytes.length })),
  };

  readonly streams = {
    createReadStream: (path: string) => Readable.from(this.#chunks(path)),
  };

  async *#chunks(path: string): AsyncGenerator<Buffer> {
    const bytes = await this.#read(path, (inode) => inode.bytes);
    if (bytes.length > 0) yield bytes;
  }

  async #open(path: string, flags: string) {
    let inode = this.#names.get(path);
    const isDirectory = inode === undefined && this.paths.some((other) => other.startsWith(`${path}/`));
    if (flags === 'w') inode = await this.#write(path, Buffer.alloc(0));
    else if (inode === undefined && flags === 'a') inode = await this.#write(path, Buffer.alloc(0));
    else if (inode === undefined && !isDirectory) throw failed('ENOENT', path);
    const file = inode ?? { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
    const append = (bytes: Uint8Array | string) => this.#append(path, file, Buffer.from(bytes));
    const close = async () => undefined;
    return {
      writeFile: append,
      appendFile: append,
      truncate: () =>
        this.#change(`truncate ${path}`, () => {
          file.bytes = Buffer.alloc(0);
        }),
      sync: () =>
        this.#change(`sync ${path}`, () => {
          if (isDirectory) this.#syncDirectory(path);
          else file.synced = file.bytes;
        }),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  /** Opens for writing what is, or becomes, empty. */
  #write(path: string, bytes: Buffer): Promise<Inode> {
    return this.#change(`empty ${path}`, () => {
      const inode = this.#names.get(path) ?? { bytes, synced: Buffer.alloc(0) };
      inode.bytes = bytes;
      this.#names.set(path, inode);
      return inode;
    });
  }

  /** In two steps, so that power may go in between. */
  async #append(path: string, inode: Inode, bytes: Buffer): Promise<void> {
    const half = Math.ceil(bytes.length / 2);
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
      await this.#change(`write ${path}`, () => {
        if (this.usedBytes + part.length > this.roomBytes) throw failed('ENOSPC', path);
        inode.bytes = Buffer.concat([inode.bytes, part]);
      });
    }
  }

  #syncDirectory(directory: string): void {
    const isIn = (path: string) => path.slice(0, path.lastIndexOf('/')) === directory;
    for (const path of this.#synced.keys()) if (isIn(path)) this.#synced.delete(path);
    for (const [path, inode] of this.#names) if (isIn(path)) this.#synced.set(path, inode);
  }

  async #change<T>(what: string, change: () => T): Promise<T> {
    await this.#awake(() => undefined);
    this.#operations += 1;
    const fault = this.#faultNow();
    this.log.push(fault === undefined ? what : `${what}: ${fault}`);
    if (fault === 'cut') return never();
    if (fault !== undefined) throw failed(fault, what);
    return change();
  }

  #faultNow(): DiskFault['code'] | undefined {
    if (this.fault === undefined) return undefined;
    const { from, count = Number.POSITIVE_INFINITY, code } = this.fault;
    return this.#operations >= from && this.#operations < from + count ? code : undefined;
  }

  #read<T>(path: string, read: (inode: Inode) => T): Promise<T> {
    return this.#awake(() => {
      const inode = this.#inode(path);
      if (inode.isDead) throw failed('EIO', path);
      return read(inode);
    });
  }

  /** Answers in a later turn, and never once the power has gone in between or is out. */
  async #awake<T>(answer: () => T): Promise<T> {
    const boot = this.#boots;
    await Promise.resolve();
    if (boot !== this.#boots) return never();
    if (this.fault?.code === 'cut' && this.#operations >= this.fault.from) return never();
    return answer();
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw failed('ENOENT', path);
    return inode;
  }
}

function failed(code: keyof typeof constants.errno, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code, errno: -constants.errno[code] });
}
