import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportOnAll, writeReport } from '../../build/package-report.ts';
import { type PackagedStack, ROOT } from '../../build/package-stacks.ts';
import { type StubAws, serveStubAws } from '../../build/testing/stub-aws/serve.ts';

const STAGE = 'test';
const REGION = 'eu-central-1';
const ORDER = [
  'evenkeel-platform',
  'telemetry-ingest',
  'rollout-orchestrator',
  'firmware-storage',
  'device-registry',
].map((service) => `${service}-${STAGE}`);
/** What holds data; the buckets that code is uploaded to hold none. */
const DATA = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::Cognito::UserPool', 'AWS::IoT::Policy'];
const WITHIN_MS = 120_000;

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * `npm run deploy` and `npm run remove` as processes of their own, on the packaged stage in `folder`, with nothing of AWS but the
 * stub on the loopback wire. The tests tell one story, in their order.
 */
export function describeDeployCommand(folder: string, packaged: () => readonly PackagedStack[]): void {
  describe('npm run deploy and npm run remove, as processes over a stubbed wire,', () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'evenkeel-deploy-command-'));
    const connections = path.join(scratch, 'connections.txt');
    let stub: StubAws;
    beforeAll(async () => {
      stub = await serveStubAws();
      stub.account.isHasty = true;
      writeReport(reportOnAll(packaged(), { stage: STAGE, region: REGION, out: folder }));
    }, WITHIN_MS);
    afterAll(async () => {
      await stub.close();
      rmSync(scratch, { recursive: true });
    });

    /** The command of package.json, with its own environment: credentials, no profile, and AWS at the stub. */
    const run = async (script: 'deploy' | 'remove', ...options: readonly string[]): Promise<Said> => {
      const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      const [, ...command] = String(scripts[script]).split(' ');
      const where = ['--stage', STAGE, '--region', REGION];
      const guard = pathToFileURL(path.join(import.meta.dirname, 'only-loopback.ts')).href;
      const child = spawn(process.execPath, [...command, ...where, ...options], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          HOME: scratch,
          NODE_OPTIONS: `--import=${guard}`,
          EVENKEEL_CONNECTIONS: connections,
          AWS_ENDPOINT_URL: stub.url,
          AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'secret',
        },
      });
      const said = Promise.all([text(child.stdout), text(child.stderr)]);
      const [status] = (await once(child, 'close')) as [number | null];
      const [stdout, stderr] = await said;
      return { status, stdout, stderr };
    };
    const deploy = (...options: readonly string[]) => run('deploy', '--packaged', folder, ...options);
    const stacks = () =>
      Object.fromEntries(
        stub.account.stacks
          .filter(({ status }) => status !== 'DELETE_COMPLETE')
          .map(({ name, status }) => [name, status]),
      );
    const data = () =>
      stub.account.resources
        .filter(
          ({ type, physicalId }) => DATA.includes(type) && !/deploymentbucket|presence/.test(physicalId),
        )
        .map(({ physicalId }) => physicalId)
        .sort();
    let deployed: string[];

    test(
      'a stack that fails ends with 1, the reason and what to do; what comes after it is not begun',
      async () => {
        stub.account.faults.set('FirmwareTable', 'Limit exceeded for tables');
        const { status, stdout, stderr } = await deploy();
        expect([status, stdout]).toEqual([1, '']);
        expect(stderr).toContain(`stage ${STAGE} in ${REGION} of account 123456789012`);
        expect(stderr).toMatch(
          /evenkeel: firmware-storage-test ended as UPDATE_ROLLBACK_COMPLETE:\n {2}FirmwareTable \(AWS::DynamoDB::Table\): Limit exceeded for tables\nRemove the cause and run the same command again: it goes on from here\.\n$/,
        );
        expect(stacks()).toEqual({
          [`evenkeel-platform-${STAGE}`]: 'UPDATE_COMPLETE',
          [`telemetry-ingest-${STAGE}`]: 'UPDATE_COMPLETE',
          [`rollout-orchestrator-${STAGE}`]: 'UPDATE_COMPLETE',
          [`firmware-storage-${STAGE}`]: 'UPDATE_ROLLBACK_COMPLETE',
        });
        stub.account.faults.clear();
      },
      WITHIN_MS,
    );

    test(
      'the same command goes on from there: platform first, services after it, code in their buckets, somebody to administer',
      async () => {
        const { status, stdout } = await deploy('--admin', 'ada@example.com', '--tenant', 'acme');
        expect([status, Object.keys(stacks())]).toEqual([0, ORDER]);
        expect(Object.values(stacks())).toEqual(ORDER.map(() => 'UPDATE_COMPLETE'));
        expect(stdout).toMatch(
          /^stage test in eu-central-1\n {2}API +\S+\n(.*\n)*next: npx evenkeel login --stage test --region eu-central-1\n$/,
        );
        expect(stub.account.exports().size).toBeGreaterThan(3);
        expect([...stub.account.objects.keys()].filter((key) => key.endsWith('.zip')).length).toBeGreaterThan(
          40,
        );
        expect(stub.account.users).toMatchObject([{ Username: 'ada@example.com' }]);
        deployed = data();
        expect(deployed.length).toBeGreaterThan(5);
      },
      WITHIN_MS,
    );

    test(
      'a removal keeps the data and names it; --data is for ever, and not without being asked',
      async () => {
        const asked = await run('remove', '--data');
        expect([asked.status, asked.stderr]).toEqual([
          1,
          expect.stringContaining('Nobody is there to be asked: say --yes.'),
        ]);
        expect(Object.keys(stacks())).toEqual(ORDER);
        const { status, stdout } = await run('remove');
        expect([status, stacks(), data()]).toEqual([0, {}, deployed]);
        expect(stdout).toContain('back again: npm run deploy -- --stage test');
        for (const one of deployed) expect(stdout).toContain(one);
      },
      WITHIN_MS,
    );

    test(
      'a deployment after it brings the very same data under its stacks',
      async () => {
        const { status, stderr } = await deploy();
        expect([status, Object.keys(stacks()), data()]).toEqual([0, ORDER, deployed]);
        expect(stderr).toMatch(/brings back AWS::DynamoDB::Table /);
        const loose = stub.account.resources.filter(({ stackId }) => stackId === undefined);
        expect(loose).toEqual([]);
      },
      WITHIN_MS,
    );

    test(
      'a removal with the data leaves nothing',
      async () => {
        const { status, stdout } = await run('remove', '--data', '--yes');
        expect([status, stdout]).toEqual([0, expect.stringContaining('and its data are removed')]);
        expect([stacks(), stub.account.resources, [...stub.account.objects.keys()]]).toEqual([{}, [], []]);
      },
      WITHIN_MS,
    );

    test('nothing was said to anybody but the loopback', () => {
      const hosts = new Set(readFileSync(connections, 'utf8').trim().split('\n'));
      expect([...hosts]).toEqual(['127.0.0.1']);
    });
  });
}
