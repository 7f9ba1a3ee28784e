import { describe, expect, it } from '@jest/globals';
import { RIGHTS, type Right } from './rights-of-calls.ts';

const TABLE = 'arn:aws:dynamodb:local:000000000000:table/things';
const BUCKET = 'arn:aws:s3:::files';
const IOT = 'arn:aws:iot:local:000000000000';
const QUEUE = 'arn:aws:sqs:local:000000000000:work';

const said = (rights: readonly Right[]): string[] => rights.map(({ action, arn }) => `${action} ${arn}`);

describe('the rights that calls need', () => {
  it('are those of every operation in a transaction, each once', () => {
    const { transact, write } = RIGHTS.table(TABLE);
    const key = { pk: 'p', sk: 's' };
    const writes = [
      { put: { ...key } },
      { put: { ...key } },
      { update: key, add: { n: 1 } },
      { delete: key },
      { check: key, when: [] },
    ];
    expect(said(transact(writes, { token: 't' }))).toEqual(
      ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map(
        (action) => `dynamodb:${action} ${TABLE}`,
      ),
    );
    expect(said(write({ delete: key }))).toEqual([`dynamodb:DeleteItem ${TABLE}`]);
  });

  it('are on the index for a query of an index', () => {
    const { query } = RIGHTS.table(TABLE);
    expect(said(query({ partition: 'p', limit: 1 }))).toEqual([`dynamodb:Query ${TABLE}`]);
    expect(said(query({ index: 'silence', partition: 'p', limit: 1 }))).toEqual([
      `dynamodb:Query ${TABLE}/index/silence`,
    ]);
  });

  it('are on the object, and on its versions for a read by version', () => {
    const { read, copy, list, put } = RIGHTS.bucket(BUCKET);
    expect(said(put('a', new Uint8Array()))).toEqual([`s3:PutObject ${BUCKET}/a`]);
    expect(said(read('a'))).toEqual([`s3:GetObject ${BUCKET}/a`]);
    expect(said(read('a', { version: '1' }))).toEqual([`s3:GetObjectVersion ${BUCKET}/a`]);
    expect(said(copy({ key: 'a', version: '1' }, 'b'))).toEqual([
      `s3:GetObjectVersion ${BUCKET}/a`,
      `s3:PutObject ${BUCKET}/b`,
    ]);
    expect(said(list('a', { limit: 1 }))).toEqual([`s3:ListBucket ${BUCKET}`]);
  });

  it('are on the key that signs, for the URL of a download', () => {
    const key = 'arn:aws:ssm:local:000000000000:parameter/evenkeel/test/download-signing-key';
    expect(said(RIGHTS.downloads(key).url('artifacts/a', { lifeSeconds: 900 }))).toEqual([
      `ssm:GetParameter ${key}`,
    ]);
  });

  it('name topic and client of a device, the queue, and the schedule of a timer', () => {
    const link = RIGHTS.deviceLink(IOT);
    expect(said(link.publish('ek/acme:cam-1/offer', new Uint8Array()))).toEqual([
      `iot:Publish ${IOT}:topic/ek/acme:cam-1/offer`,
    ]);
    expect(said(link.disconnect('acme:cam-1'))).toEqual([`iot:DeleteConnection ${IOT}:client/acme:cam-1`]);
    expect(said(RIGHTS.queue(QUEUE).send([]))).toEqual([`sqs:SendMessage ${QUEUE}`]);
    expect(said(RIGHTS.timer(QUEUE).cancel('night'))).toEqual([
      'scheduler:DeleteSchedule arn:aws:scheduler:local:000000000000:schedule/default/night',
    ]);
  });

  it('differ for a certificate of a signing request and one with a key made here', () => {
    const { issue } = RIGHTS.identity('*');
    const request = { thing: 'acme:cam-1', attributes: {} };
    expect(said(issue(request))).toContain('iot:CreateKeysAndCertificate *');
    expect(said(issue({ ...request, csrPem: '' }))).toContain('iot:CreateCertificateFromCsr *');
  });
});
