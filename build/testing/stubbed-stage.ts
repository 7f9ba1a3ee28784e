import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import { type AwsClients, openClients } from '../deploy/aws-clients.ts';
import { deployStage, type Endpoints, type StageOptions } from '../deploy/deploy-stage.ts';
import type { Deployment } from '../deploy/deployment.ts';
import { downloadKeyNames } from '../deploy/download-key.ts';
import { type Removal, removeStage } from '../deploy/remove-stage.ts';
import { whoAndWhere } from '../deploy/who-and-where.ts';
import { writePackagedFixture } from './packaged-fixture.ts';
import { type StubAws, serveStubAws } from './stub-aws/serve.ts';

const PAIR = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const OWN_FOLDER = 'evenkeel-deploy-';

/** Waits of minutes are over at once: what is waited for happens at each look. */
const hastyWorld: World = { ...realWorld, after: (_delayMs, run) => realWorld.after(0, run) };

/** An account on the loopback wire, a packaged stage, and somebody who deploys and removes it. */
export class StubbedStage {
  readonly stub: StubAws;
  readonly folder: string;
  readonly lines: string[] = [];
  readonly #aws: AwsClients;

  constructor(stub: StubAws, folder: string, aws: AwsClients) {
    this.stub = stub;
    this.folder = folder;
    this.#aws = aws;
  }

  async deployment(): Promise<Deployment> {
    return {
      stage: 'test',
      place: await whoAndWhere(this.#aws),
      aws: this.#aws,
      world: hastyWorld,
      progress: { line: (text) => void this.lines.push(text), now: () => undefined },
    };
  }

  async deploy(options: Partial<StageOptions> = {}): Promise<Endpoints> {
    return deployStage(await this.deployment(), { packaged: this.folder, ...options });
  }

  async remove(data = false, stackNames = ['greenhouse-test', 'evenkeel-platform-test']): Promise<Removal> {
    return removeStage(await this.deployment(), { stackNames, data });
  }

  /** Status by stack name, of stacks that are there. */
  statuses(): Record<string, string> {
    const there = this.stub.account.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE');
    return Object.fromEntries(there.map(({ name, status }) => [name, status]));
  }

  /** Physical ids of what the account has, of a type. */
  has(type: string): string[] {
    return this.stub.account.resources.filter((one) => one.type === type).map(({ physicalId }) => physicalId);
  }

  async stop(): Promise<void> {
    for (const client of Object.values(this.#aws)) client.destroy();
    await this.stub.close();
    if (path.basename(this.folder).startsWith(OWN_FOLDER)) rmSync(this.folder, { recursive: true });
  }
}

/**
 * Starts it with an account that has nothing but a pair of keys, which takes seconds to make, and the small fixture, unless told of a
 * packaged stage `test`.
 */
export async function startStubbedStage(packaged?: string): Promise<StubbedStage> {
  const stub = await serveStubAws();
  const folder = packaged ?? mkdtempSync(path.join(tmpdir(), OWN_FOLDER));
  if (packaged === undefined) writePackagedFixture(folder);
  const names = downloadKeyNames('test');
  stub.account.parameters.set(names.signing, { type: 'SecureString', value: PAIR.privateKey });
  stub.account.parameters.set(names.public, { type: 'String', value: PAIR.publicKey });
  return new StubbedStage(stub, folder, clientsOf(stub));
}

/** Clients that speak to the stub, as AWS_ENDPOINT_URL makes them. */
export function clientsOf({ url, account }: StubAws): AwsClients {
  return openClients(account.region, {
    endpoint: url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });
}
