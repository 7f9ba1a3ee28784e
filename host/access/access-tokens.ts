import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfPresent, writeDurably } from '#host/files/durable-file.ts';
import type { Role } from '#shared/contracts/api/route.ts';
import { UnauthenticatedError } from '#shared/errors/errors.ts';
import { DirectoryLock } from '#shared/program/directory-lock.ts';
import type { World } from '#shared/world/world.ts';
import { parseTokenFile, readTokenFile, type StoredToken } from './token-file.ts';
import { spanFault, type TokenSpan } from './token-span.ts';

/** The claims that an authorizer puts into `requestContext.authorizer.jwt.claims`. */
interface Claims {
  readonly tenant: string;
  readonly sub: string;
  readonly role: Role;
}

/** What is known of a token, without the token itself. */
export interface HeldToken extends Claims {
  /** From when until when it is taken; absent for one that has no end. */
  readonly span?: TokenSpan;
}

/** A token file that was changed by hand or by another process is seen after so long. */
const LOOK_AGAIN_MS = 1_000;
/** A change of the list takes some milliseconds, on a disk that is busy some hundred. */
const CHANGED_WITHIN_MS = 10_000;

type TokenWorld = Pick<World, 'randomBytes' | 'monotonicMs' | 'now' | 'after'>;

/**
 * The API tokens of this machine: `tokens.json` (mode 0600) in the secrets directory holds their sha256 with name, role and
 * tenant. Tokens are 256 random bits, so that a plain hash of them tells nothing.
 */
export class AccessTokens {
  readonly #path: string;
  readonly #world: TokenWorld;
  #tokens: readonly StoredToken[] = [];
  /** Which file was read: every change of the list is a new one. */
  #fileRead = '';
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isBegun = false;

  private constructor(path: string, world: TokenWorld) {
    this.#path = path;
    this.#world = world;
  }

  /**
   * Opens the tokens in `directory`. Where there are none yet, makes one with the role admin for `tenant` and writes it to
   * `admin.token` (mode 0600). Throws `ConfigurationError` for a file that cannot be read: it is never started over.
   */
  static async open(
    directory: string,
    options: { readonly tenant: string; readonly world: TokenWorld },
  ): Promise<AccessTokens> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const tokens = new AccessTokens(join(directory, 'tokens.json'), options.world);
    if ((await readIfPresent(tokens.#path)) === undefined) {
      tokens.#isBegun = true;
      const token = newToken(options.world);
      // First the token, then its digest: a crash between the two starts over, and locks nobody out.
      await writeDurably(join(directory, 'admin.token'), `${token}\n`, { mode: 0o600 });
      await tokens.#keep(token, { tenant: options.tenant, sub: 'admin', role: 'admin' });
    }
    await tokens.#look();
    return tokens;
  }

  /** Whether there were none yet, so that the one of the admin was made. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** A new token, as it is to be held: the only time that it is seen. Replaces the token of that name and tenant. */
  async issue(held: HeldToken): Promise<string> {
    const token = newToken(this.#world);
    await this.#keep(token, held);
    return token;
  }

  /** Whose tokens there are, by tenant and name, those that have ended too; never a token. */
  async list(): Promise<readonly HeldToken[]> {
    const held = (await this.#read()).map(heldOf);
    return held.sort((a, b) => `${a.tenant} ${a.sub}`.localeCompare(`${b.tenant} ${b.sub}`));
  }

  /** Takes the token of that name and tenant back; answers whether there was one. */
  revoke({ tenant, sub }: Pick<Claims, 'tenant' | 'sub'>): Promise<boolean> {
    return this.#change((kept) => kept.filter((one) => one.name !== sub || one.tenant !== tenant));
  }

  /**
   * Who sends this `Authorization` header. Throws `UnauthenticatedError` for none, another scheme than Bearer (RFC 6750), a token that is
   * not known, or one that is not taken now, which only who has it hears. Every stored token is compared, in constant time.
   */
  async authenticate(authorization: string | undefined): Promise<HeldToken> {
    if (this.#world.monotonicMs() - this.#lookedAtMs >= LOOK_AGAIN_MS) await this.#look();
    const token = /^Bearer ([A-Za-z0-9_-]{1,100})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new UnauthenticatedError('must be "Bearer" and a token');
    const digest = digestOf(token);
    let found: StoredToken | undefined;
    for (const one of this.#tokens) {
      if (timingSafeEqual(Buffer.from(one.sha256, 'hex'), digest)) found = one;
    }
    if (found === undefined) throw new UnauthenticatedError('must be a token of this machine');
    const fault = found.span && spanFault(found.span, this.#world.now());
    if (fault !== undefined) throw new UnauthenticatedError(fault);
    return heldOf(found);
  }

  async #keep(token: string, { tenant, sub, role, span }: HeldToken): Promise<void> {
    const sha256 = digestOf(token).toString('hex');
    const added = { sha256, name: sub, role, tenant, ...(span !== undefined && { span }) };
    await this.#change((kept) => [...kept.filter((one) => one.name !== sub || one.tenant !== tenant), added]);
  }

  /**
   * Changes the list as it is now, which other processes change too: one at a time, so that none writes over what another has added.
   * A host that serves only reads the list, and needs no lock for that. Answers whether its length has changed.
   */
  async #change(change: (kept: readonly StoredToken[]) => StoredToken[]): Promise<boolean> {
    const waiting = { world: this.#world, withinMs: CHANGED_WITHIN_MS };
    using _lock = await DirectoryLock.wait(dirname(this.#path), waiting);
    const kept = (await readIfPresent(this.#path)) === undefined ? [] : await this.#read();
    const file = parseTokenFile({ v: 1, tokens: change(kept) }, this.#path);
    await writeDurably(this.#path, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
    this.#tokens = file.tokens;
    return file.tokens.length !== kept.length;
  }

  async #look(): Promise<void> {
    this.#lookedAtMs = this.#world.monotonicMs();
    try {
      const { mtimeMs, ino, size } = await stat(this.#path);
      const file = `${mtimeMs} ${ino} ${size}`;
      if (file === this.#fileRead) return;
      this.#tokens = await this.#read();
      this.#fileRead = file;
    } catch (error) {
      // Whoever took the list away or broke it may have meant to take tokens back: until it can be read nobody gets in.
      this.#tokens = [];
      this.#fileRead = '';
      throw error;
    }
  }

  async #read(): Promise<readonly StoredToken[]> {
    const text = await readIfPresent(this.#path);
    return readTokenFile(text?.toString('utf8') ?? '', this.#path).tokens;
  }
}

function heldOf({ tenant, name, role, span }: StoredToken): HeldToken {
  return { tenant, sub: name, role, ...(span !== undefined && { span }) };
}

function newToken(world: Pick<World, 'randomBytes'>): string {
  return `ek_${Buffer.from(world.randomBytes(32)).toString('base64url')}`;
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
