import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { type StubAws, serveStubAws } from '../../build/testing/stub-aws/serve.ts';
import { type Ran, ranProgram, wordsOf } from '../testing/recorded-io.ts';
import { type StubIssuer, startStubIssuer } from '../testing/stub-issuer.ts';

let aws: StubAws;
let issuer: StubIssuer;
let directory: string;

beforeAll(async () => {
  aws = await serveStubAws();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
afterAll(() => aws.close());
beforeEach(async () => {
  issuer = await startStubIssuer();
  directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-login-'));
  aws.account.stacks.length = 0;
  aws.account.stacks.push({
    id: 'arn:stack',
    name: 'evenkeel-platform-prod',
    status: 'UPDATE_COMPLETE',
    template: { Resources: {} },
    parameters: {},
    events: [],
    resources: new Map(),
    steps: [],
    outputs: {
      HttpApiEndpoint: issuer.url,
      Issuer: issuer.url,
      Audience: issuer.clientId,
      DeviceEndpoint: 'a1-ats.iot.eu-central-1.amazonaws.com',
    },
  });
});
afterEach(async () => {
  behindMs = 0;
  await issuer.close();
  await rm(directory, { recursive: true });
});

const targetsFile = () => path.join(directory, 'targets.json');
const STAGE = 'login --stage prod --region eu-central-1';

/** By how much the clock of this machine is behind. */
let behindMs = 0;

/** Runs a command; `browse` does with the printed address what a person does. */
async function run(line: string, browse?: (address: string) => Promise<unknown>): Promise<Ran> {
  let seen = '';
  const browsing = Promise.withResolvers<void>();
  if (browse === undefined) browsing.resolve();
  const ran = ranProgram(wordsOf(line), {
    env: { EVENKEEL_CONFIG: targetsFile() },
    world: { ...realWorld, now: () => Date.now() - behindMs },
    err: (text) => {
      seen += text;
      const address = /https:\/\/localhost:\d+\/authorize\S+/.exec(text)?.[0];
      if (address !== undefined) browse?.(address).then(() => browsing.resolve(), browsing.reject);
    },
  });
  const { exitCode, out } = await ran;
  if (exitCode === 0) await browsing.promise;
  return { exitCode, out, err: seen };
}

const logIn = () => run(`${STAGE} --ca ${issuer.caFile}`, (address) => issuer.logIn(address));

describe('login to a stage, over a stubbed wire of AWS and a stubbed issuer,', () => {
  test('finds everything in the outputs of the stack, and keeps the tokens for their owner alone', async () => {
    const { exitCode, out, err } = await logIn();
    expect([exitCode, err]).toEqual([0, expect.stringContaining('Open this address in a browser')]);
    expect(out).toContain(`logged in to ${issuer.url} as target "prod"`);
    expect((await stat(targetsFile())).mode & 0o777).toBe(0o600);
    const { targets } = JSON.parse(await readFile(targetsFile(), 'utf8'));
    expect(targets.prod).toMatchObject({
      kind: 'oidc',
      deviceEndpoint: 'a1-ats.iot.eu-central-1.amazonaws.com',
      session: { by: 'person', refreshToken: 'refresh-1' },
    });
    expect(out + err).not.toContain(targets.prod.session.idToken);
  });

  test('works without AWS credentials by address, issuer and client id', async () => {
    const line = `login --url ${issuer.url} --issuer ${issuer.url} --client-id ${issuer.clientId} --ca ${issuer.caFile}`;
    const { exitCode, out } = await run(line, (address) => issuer.logIn(address));
    expect([exitCode, out]).toEqual([0, expect.stringContaining('as target "localhost"')]);
  });

  test('listens only to its own login: what comes with another state is turned away', async () => {
    const pages: string[] = [];
    const { exitCode } = await run(`${STAGE} --ca ${issuer.caFile}`, async (address) => {
      pages.push(await issuer.logIn(address, (back) => back.searchParams.set('state', 'forged')));
      pages.push(await issuer.logIn(address));
    });
    expect([exitCode, pages[0]]).toEqual([0, expect.stringContaining('not the login that is going on')]);
  });

  test.each([
    ['a refusal of the issuer', refused, /the login was refused: no such user/],
    [
      'a code of somebody else',
      (back: URL) => back.searchParams.set('code', 'code-0'),
      /does not fit the challenge/,
    ],
  ])('%s is told, and nothing is kept', async (_what, change, message) => {
    const { exitCode, err } = await run(`${STAGE} --ca ${issuer.caFile}`, (address) =>
      issuer.logIn(address, (back) => void change(back)),
    );
    expect([exitCode === 0, err]).toEqual([false, expect.stringMatching(message)]);
    await expect(readFile(targetsFile())).rejects.toThrow('ENOENT');
  });

  test.each([
    [{ nonce: 'of another' }, /of another login/],
    [{ aud: 'somebody-else' }, /for another client/],
    [{ iss: 'https://evil.example.com' }, /is of https:\/\/evil\.example\.com/],
  ])('an id token with %j is not taken', async (claims, message) => {
    issuer.claims = claims;
    const { exitCode, err } = await logIn();
    expect([exitCode, err]).toEqual([1, expect.stringMatching(message)]);
  });

  test('a stage that is not there, or is half deployed, says so', async () => {
    expect(await run('login --stage nowhere --region eu-central-1')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('there is no stage "nowhere" in this Region'),
    });
    Object.assign(aws.account.stacks[0] ?? {}, { outputs: {} });
    expect(await run(STAGE)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('npm run deploy -- --stage prod'),
    });
  });
});

describe('a session with a stage, over a stubbed issuer,', () => {
  test('is renewed when its token is over, and the new token is kept', async () => {
    issuer.tokenLifeMs = 30_000;
    await logIn();
    issuer.tokenLifeMs = 3_600_000;
    issuer.grants.length = 0;
    expect((await run('rollout list')).exitCode).toBe(0);
    expect((await run('rollout list')).exitCode).toBe(0);
    expect(issuer.grants).toEqual(['refresh_token']);
    const { targets } = JSON.parse(await readFile(targetsFile(), 'utf8'));
    expect(targets.prod.session).toMatchObject({ idToken: issuer.bearers.at(-1), refreshToken: 'refresh-1' });
  });

  test('is renewed when its token is over, though the clock of this machine is behind', async () => {
    behindMs = 600_000;
    issuer.tokenLifeMs = 30_000;
    await logIn();
    issuer.grants.length = 0;
    expect((await run('rollout list')).exitCode).toBe(0);
    expect(issuer.grants).toEqual(['refresh_token']);
  });

  test('that has ended says to log in again', async () => {
    issuer.tokenLifeMs = 30_000;
    await logIn();
    issuer.refreshRefusal = 'Refresh Token has expired';
    const { exitCode, err } = await run('rollout list');
    expect([exitCode, err]).toEqual([
      3,
      expect.stringMatching(/Refresh Token has expired[\s\S]*--stage STAGE/),
    ]);
  });

  test('of a machine reads its token from the file anew', async () => {
    const tokenFile = path.join(directory, 'token');
    await writeFile(tokenFile, `${issuer.idToken()}\n`);
    expect((await run(`${STAGE} --ca ${issuer.caFile} --token-file ${tokenFile}`)).exitCode).toBe(0);
    const renewed = issuer.idToken();
    await writeFile(tokenFile, `${renewed}\n`);
    await run('rollout list');
    expect(issuer.bearers.at(-1)).toBe(renewed);
    expect(issuer.grants).toEqual([]);
  });
});

function refused(back: URL): void {
  back.searchParams.delete('code');
  back.searchParams.set('error', 'access_denied');
  back.searchParams.set('error_description', 'no such user');
}
