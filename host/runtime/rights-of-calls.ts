import type { Capabilities } from '#shared/capabilities/home.ts';
import type { TransactWrite } from '#shared/capabilities/table.ts';

/** An IAM action and the ARN of what it is done to. */
export interface Right {
  readonly action: string;
  readonly arn: string;
}

type Method = (...args: never[]) => unknown;

/** For every method of a capability, the rights that a call of it needs; all of them. */
export type RightsOf<Capability> = {
  readonly [Name in keyof Capability as Capability[Name] extends Method ? Name : never]: (
    ...args: Capability[Name] extends (...args: infer Args) => unknown ? Args : never
  ) => readonly Right[];
};

/** The capabilities that touch a resource; clock, ids and usage touch none. */
export type GuardedName = Exclude<keyof Capabilities, 'clock' | 'ids' | 'usage'>;

/**
 * What each capability call needs, as the AWS SDK calls behind it need it (AWS service authorization reference). `arn` is
 * the resource that the function's environment variable names; for devices the prefix `arn:...:iot:<region>:<account>`.
 */
export const RIGHTS: { readonly [Name in GuardedName]: (arn: string) => RightsOf<Capabilities[Name]> } = {
  table: (arn) => {
    const none = all(arn);
    const getOne = all(arn, 'dynamodb:GetItem');
    const getSome = all(arn, 'dynamodb:BatchGetItem');
    const putAll = all(arn, 'dynamodb:BatchWriteItem');
    const rightOfWrite = writeRights(arn);
    const query = all(arn, 'dynamodb:Query');
    return {
      get: ({ length }) => (length === 0 ? none : length === 1 ? getOne : getSome),
      query: ({ index }) => (index === undefined ? query : all(`${arn}/index/${index}`, 'dynamodb:Query')),
      putAll: () => putAll,
      write: (write) => rightOfWrite(write),
      transact: (writes) => [...new Set(writes.map(rightOfWrite))].flat(),
    };
  },
  bucket: (arn) => ({
    put: (key) => all(`${arn}/${key}`, 's3:PutObject'),
    head: (key) => all(`${arn}/${key}`, 's3:GetObject'),
    read: (key, options) =>
      all(`${arn}/${key}`, options?.version === undefined ? 's3:GetObject' : 's3:GetObjectVersion'),
    copy: (from, to) => [
      ...all(`${arn}/${from.key}`, 's3:GetObjectVersion'),
      ...all(`${arn}/${to}`, 's3:PutObject'),
    ],
    remove: (key) => all(`${arn}/${key}`, 's3:DeleteObject'),
    list: () => all(arn, 's3:ListBucket'),
  }),
  uploads: (arn) => ({
    begin: (key) => all(`${arn}/${key}`, 's3:PutObject'),
    renew: (key) => all(`${arn}/${key}`, 's3:PutObject', 's3:ListMultipartUploadParts'),
    // A repeat looks whether the object is there already.
    complete: (key) => all(`${arn}/${key}`, 's3:PutObject', 's3:GetObject'),
    abort: (key) => all(`${arn}/${key}`, 's3:AbortMultipartUpload'),
  }),
  // Whoever may read the key may sign any URL; what is served is for the bucket's policy to say. `arn` is the key's parameter.
  downloads: (arn) => {
    const read = all(arn, 'ssm:GetParameter');
    return { url: () => read };
  },
  queue: (arn) => {
    const send = all(arn, 'sqs:SendMessage');
    return { send: () => send };
  },
  backlog: (arn) => {
    // Metrics have no ARN: the right to read them is the right to read all.
    const look = [...all(arn, 'sqs:GetQueueAttributes'), ...all('*', 'cloudwatch:GetMetricData')];
    return { unread: () => look };
  },
  bus: (arn) => {
    const publish = all(arn, 'events:PutEvents');
    return { publish: () => publish };
  },
  timer: (arn) => {
    // Schedules are named by the caller; the statement names the schedule group of the function's service.
    const schedule = arn.replace(/^arn:([^:]+):sqs:/, 'arn:$1:scheduler:').replace(/[^:]+$/, 'schedule/');
    return {
      set: (name) =>
        all(`${schedule}default/${name}`, 'scheduler:CreateSchedule', 'scheduler:UpdateSchedule'),
      cancel: (name) => all(`${schedule}default/${name}`, 'scheduler:DeleteSchedule'),
    };
  },
  signer: (arn) => ({
    sign: () => all(arn, 'kms:Sign'),
    publicKeyPem: () => all(arn, 'kms:GetPublicKey'),
  }),
  deviceLink: (arn) => ({
    publish: (topic) => all(`${arn}:topic/${topic}`, 'iot:Publish'),
    disconnect: (thing) => all(`${arn}:client/${thing}`, 'iot:DeleteConnection'),
  }),
  identity: () => ({
    issue: ({ csrPem }) =>
      all(
        '*',
        'iot:CreateThing',
        csrPem === undefined ? 'iot:CreateKeysAndCertificate' : 'iot:CreateCertificateFromCsr',
        'iot:AttachThingPrincipal',
        'iot:AttachPolicy',
        'iot:DescribeEndpoint',
      ),
    revoke: () => all('*', 'iot:UpdateCertificate', 'iot:ListThingPrincipals'),
  }),
};

function all(arn: string, ...actions: readonly string[]): readonly Right[] {
  return actions.map((action) => ({ action, arn }));
}

function writeRights(arn: string): (write: TransactWrite) => readonly Right[] {
  const put = all(arn, 'dynamodb:PutItem');
  const update = all(arn, 'dynamodb:UpdateItem');
  const remove = all(arn, 'dynamodb:DeleteItem');
  const check = all(arn, 'dynamodb:ConditionCheckItem');
  return (write) => {
    if ('put' in write) return put;
    if ('update' in write) return update;
    return 'delete' in write ? remove : check;
  };
}
