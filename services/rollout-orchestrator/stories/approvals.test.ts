import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { documentSha256 } from '#shared/contracts/document-sha256.ts';
import { approvalsKey, rolloutPartition } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const NEEDS_TWO = { stages: [{ name: 'all', percent: '100%' }], approvals: 2 };

describe('a rollout whose document asks for two approvals', () => {
  let host: TestHost;
  let device: ScriptedDevice;
  let rollout: string;
  let sha256: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    device = new ScriptedDevice(host, 'cam-1');
    await device.register();
    await publishRelease(host, '1.1.0', 2);
    const { body } = await create();
    rollout = body.rollout;
    sha256 = documentSha256(body.document);
  });
  afterEach(() => host.stop());

  const create = (overrides: object = NEEDS_TWO) =>
    host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0', { ...overrides }) });
  const approve = (name: string, documentSha: string = sha256, role: 'approver' | 'operator' = 'approver') =>
    host.http('POST', `/rollouts/${rollout}/approvals`, { documentSha256: documentSha }, { name, role });
  const launch = () => host.http('POST', `/rollouts/${rollout}/launch`);
  const show = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;
  const auditLog = async () => {
    const range = { partition: rolloutPartition(rollout), prefix: 'audit#', limit: 50 };
    return (await host.table('rollouts').query(range)).items;
  };

  test('is launched once two others have approved it, and serves nobody before', async () => {
    expect((await show()).approvals).toEqual({ needed: 2, missing: 2, given: [], documentSha256: sha256 });
    expect(await approve('bob')).toMatchObject({ status: 200, body: { approvals: { missing: 1 } } });
    expect(await launch()).toMatchObject({
      status: 409,
      body: {
        error: { code: 'wrong-state', message: expect.stringContaining('1 approval of its document') },
      },
    });
    expect(await device.check()).toBeUndefined();
    device.rollout = rollout;
    expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'withdrawn' });
    expect(await host.http('POST', `/rollouts/${rollout}/advance`, { reason: 'now' })).toMatchObject({
      status: 409,
    });
    expect(await approve('cem')).toMatchObject({ status: 200, body: { approvals: { missing: 0 } } });
    expect(await launch()).toMatchObject({ status: 200, body: { state: 'running' } });
    await host.settle();
    expect(await device.check()).toMatchObject({ release: 'cam/1.1.0' });
    expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  });

  test('counts nobody twice, and tells again who repeats', async () => {
    await approve('bob');
    const again = await approve('bob');
    expect(again.body.approvals).toMatchObject({ missing: 1, given: [{ by: 'operator:bob' }] });
    expect((await auditLog()).map(({ action }) => action)).toEqual(['create', 'approve']);
  });

  test('tells people apart by the whole of their names, and so does the audit log', async () => {
    const long = (name: string) => name.padStart(64, 'x');
    await approve(long('bob'));
    expect((await approve(long('cem'))).body.approvals).toMatchObject({ missing: 0 });
    const approvers = (await auditLog()).filter(({ action }) => action === 'approve');
    const actors = approvers.map(({ actor }) => String(actor)).toSorted();
    expect(actors).toEqual([`operator:${long('bob')}`, `operator:${long('cem')}`]);
  });

  test('is exact when everybody approves at once, and somebody twice', async () => {
    const table = host.table('rollouts');
    const answers = await Promise.all(['bob', 'cem', 'bob', 'cem', 'bob'].map((name) => approve(name)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await show()).approvals).toMatchObject({
      missing: 0,
      given: [expect.anything(), expect.anything()],
    });
    const [item] = await table.get([approvalsKey(rollout)], { consistent: true });
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith(sha256))).toHaveLength(2);
    expect((await auditLog()).filter(({ action }) => action === 'approve')).toHaveLength(2);
  });

  test('takes no approval of another document, of who created it, or of an operator without the right', async () => {
    expect(await approve('bob', 'b'.repeat(64))).toMatchObject({
      status: 400,
      body: { error: { code: 'refused', field: 'documentSha256' } },
    });
    expect(await approve('ada')).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden', field: 'approver' } },
    });
    expect(await approve('bob', sha256, 'operator')).toMatchObject({
      status: 403,
      body: { error: { field: 'role' } },
    });
    expect(
      await host.http(
        'POST',
        `/rollouts/${rollout}/approvals`,
        { documentSha256: sha256 },
        { tenant: 'other' },
      ),
    ).toMatchObject({ status: 404 });
    expect((await show()).approvals).toMatchObject({ missing: 2, given: [] });
  });

  test('takes none that is not missing, and none once it is no draft', async () => {
    await approve('bob');
    await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    expect(await approve('cem')).toMatchObject({ status: 409, body: { error: { code: 'wrong-state' } } });
    const other = await create({ stages: NEEDS_TWO.stages });
    expect(other.body.approvals).toBeUndefined();
    rollout = other.body.rollout;
    expect(await approve('bob', documentSha256(other.body.document))).toMatchObject({
      status: 409,
      body: { error: { rule: 'needs no approval' } },
    });
  });

  test('says in its audit log who approved which document', async () => {
    await approve('bob');
    expect((await auditLog()).at(-1)).toMatchObject({
      action: 'approve',
      actor: 'operator:bob',
      documentSha256: sha256,
    });
  });

  test('is not launched on approvals that are of another document or cannot be read', async () => {
    const set = {
      [`${'b'.repeat(64)}.operator:bob`]: host.world.now(),
      [`${sha256}.operator:cem`]: 'yes',
      [`${sha256}.operator:ada`]: host.world.now(),
    };
    await host.table('rollouts').write({ update: approvalsKey(rollout), set });
    expect((await show()).approvals).toMatchObject({ missing: 2, given: [] });
    expect(await launch()).toMatchObject({ status: 409 });
  });
});
