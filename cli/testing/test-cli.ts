import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessTokens, type HeldToken } from '#host/access/access-tokens.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import type { Role } from '#shared/contracts/api/route.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { Io } from '../io.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { type Ran, ranProgram, wordsOf } from './recorded-io.ts';

/** A real host, a bad network in front of it, and somebody logged in to both: targets `local` (current) and `faulty`. */
export class TestCli {
  readonly host: ServedHost;
  readonly proxy: FaultyProxy;
  /** Where files of the test go; it holds `cam.bin`. */
  readonly directory: string;

  /** For `startTestCli`. */
  constructor(host: ServedHost, proxy: FaultyProxy, directory: string) {
    this.host = host;
    this.proxy = proxy;
    this.directory = directory;
  }

  /** A path in the directory of the test. */
  inside(name: string): string {
    return path.join(this.directory, name);
  }

  /** Writes a file into the directory of the test; answers its path. */
  async file(name: string, text: string): Promise<string> {
    await writeFile(this.inside(name), text);
    return this.inside(name);
  }

  /** Writes a list of devices, `PREFIX-1` and so on, each a `cam` of hardware `cam-rev-b`; answers its path. */
  deviceList(prefix: string, count: number): Promise<string> {
    const rows = Array.from({ length: count }, (_, at) => `${prefix}-${at + 1},cam,cam-rev-b\n`);
    return this.file(`${prefix}.csv`, `id,product,hardware\n${rows.join('')}`);
  }

  /** Runs a command line, its words separated by spaces; `+` stands for a space within a word. */
  run(line: string, io: Partial<Io> = {}): Promise<Ran> {
    return ranProgram(wordsOf(line), { env: { EVENKEEL_CONFIG: this.inside('targets.json') }, ...io });
  }

  /** The same with `--json`; it must succeed and print one document, which is the answer. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents whose shape the contract has fixed
  async answer(line: string): Promise<any> {
    const { exitCode, out, err } = await this.run(`${line} --json`);
    if (exitCode !== 0 || err !== '') throw new Error(`"${line}" ended with ${exitCode}: ${err}`);
    return JSON.parse(out);
  }

  /** Makes the product `cam` with the key `cam.key.pem`, and the release `cam/2.1.0`, published. */
  async publishRelease(): Promise<void> {
    const key = this.inside('cam.key.pem');
    await this.answer('product create cam --hardware cam-rev-b');
    await this.answer(`key create --product cam --name main --out ${key}`);
    await this.answer(`release push ${this.inside('cam.bin')} --product cam --version 2.1.0 --key ${key}`);
    await this.answer('release publish cam/2.1.0');
  }

  /** Publishes `cam/2.1.0` and launches a rollout of it to everybody, in one stage. */
  async launchRollout(): Promise<void> {
    await this.publishRelease();
    const document = 'release: cam/2.1.0\nselector: all\nstages:\n  - { name: all, percent: 100 }\n';
    await writeFile(this.inside('rollout.yaml'), document);
    await this.answer(`rollout create ${this.inside('rollout.yaml')}`);
    await this.answer('rollout launch last --yes');
  }

  /** A token for somebody of the tenant, without an end unless told, which the host takes by now. */
  async tokenOf(name: string, role: Role, span?: HeldToken['span']): Promise<string> {
    const secrets = path.join(this.host.directory, 'secrets');
    const tokens = await AccessTokens.open(secrets, { tenant: 'acme', world: realWorld });
    const token = await tokens.issue({ tenant: 'acme', sub: name, role, ...(span && { span }) });
    // It looks for new ones once a second.
    while ((await this.host.https('GET', '/rollouts', { token })).status === 401);
    return token;
  }

  /** Ends everything and removes the files. */
  async stop(): Promise<void> {
    await this.proxy.close();
    await this.host.stop();
    await rm(this.directory, { recursive: true });
  }
}

/** Starts it, with all services. */
export async function startTestCli(): Promise<TestCli> {
  // So that nobody waits 20 s of real time for a seal.
  const host = await startServedHost({ streamWindowSeconds: 0 });
  const proxy = await startFaultyProxy(host);
  const cli = new TestCli(host, proxy, await mkdtemp(path.join(tmpdir(), 'evenkeel-cli-')));
  await writeFile(cli.inside('cam.bin'), Buffer.alloc(100_000, 'cam'));
  const { adminToken, authority } = host.serving.file;
  await cli.answer(`login --url ${proxy.url} --token-file ${adminToken} --ca ${authority} --name faulty`);
  await cli.answer(`login --data ${host.directory}`);
  return cli;
}
