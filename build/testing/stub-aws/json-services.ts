import { type StubAccount, StubFault } from './account.ts';

type Input = Readonly<Record<string, string>>;
type Answer = (account: StubAccount, input: Input) => unknown;

/** What services with a JSON protocol answer, by operation. */
const OPERATIONS: Readonly<Record<string, Answer>> = {
  'ssm GetParameter': ({ parameters }, { Name = '' }) => {
    const found = parameters.get(Name);
    if (found === undefined) throw new StubFault('ParameterNotFound', Name);
    return { Parameter: { Name, Type: found.type, Value: found.value } };
  },
  'ssm PutParameter': ({ parameters }, { Name = '', Type = '', Value = '', Overwrite }) => {
    if (parameters.has(Name) && String(Overwrite) !== 'true')
      throw new StubFault('ParameterAlreadyExists', Name);
    parameters.set(Name, { type: Type, value: Value });
    return { Version: 1 };
  },
  'ssm DeleteParameter': ({ parameters }, { Name = '' }) => {
    if (!parameters.delete(Name)) throw new StubFault('ParameterNotFound', Name);
    return {};
  },
  'dynamodb DescribeTable': (account, { TableName = '' }) => {
    const table = existing(account, 'AWS::DynamoDB::Table', TableName);
    const DeletionProtectionEnabled = Reflect.get(table, 'protection') !== 'false';
    return { Table: { TableName, TableStatus: 'ACTIVE', DeletionProtectionEnabled } };
  },
  'dynamodb UpdateTable': (account, { TableName = '', DeletionProtectionEnabled }) => {
    const table = existing(account, 'AWS::DynamoDB::Table', TableName);
    Object.assign(table, { protection: String(DeletionProtectionEnabled) });
    return {};
  },
  'dynamodb DeleteTable': (account, { TableName = '' }) => {
    const table = existing(account, 'AWS::DynamoDB::Table', TableName);
    if (Reflect.get(table, 'protection') !== 'false')
      throw new StubFault('ValidationException', 'Resource cannot be deleted as it is currently protected');
    account.drop(table);
    return {};
  },
  'cognito-idp DescribeUserPool': (account, { UserPoolId = '' }) => {
    existing(account, 'AWS::Cognito::UserPool', UserPoolId);
    return { UserPool: { Id: UserPoolId } };
  },
  'cognito-idp UpdateUserPool': (account, { UserPoolId = '', DeletionProtection = '' }) => {
    Object.assign(existing(account, 'AWS::Cognito::UserPool', UserPoolId), {
      protection: DeletionProtection,
    });
    return {};
  },
  'cognito-idp DeleteUserPool': (account, { UserPoolId = '' }) => {
    const pool = existing(account, 'AWS::Cognito::UserPool', UserPoolId);
    if (Reflect.get(pool, 'protection') !== 'INACTIVE')
      throw new StubFault(
        'InvalidParameterException',
        'The user pool cannot be deleted because deletion protection is activated.',
      );
    account.drop(pool);
    return {};
  },
  'cognito-idp AdminCreateUser': (account, input) => {
    if (account.users.some(({ Username }) => Username === input.Username))
      throw new StubFault('UsernameExistsException', 'User account already exists');
    account.users.push(input);
    return { User: {} };
  },
  'logs DescribeLogGroups': ({ resources }, { logGroupNamePrefix = '' }) => ({
    logGroups: resources
      .filter(
        ({ type, physicalId }) => type === 'AWS::Logs::LogGroup' && physicalId.startsWith(logGroupNamePrefix),
      )
      .map(({ physicalId }) => ({ logGroupName: physicalId })),
  }),
};

/** Answers an operation of a service whose protocol is JSON. */
export function answerJson(account: StubAccount, operation: string, input: Input): unknown {
  const answer = OPERATIONS[operation];
  if (answer === undefined) throw new StubFault('UnknownOperationException', `the stub has no ${operation}`);
  return answer(account, input);
}

/** Answers a request of AWS IoT: the address of devices, and policies. */
export function answerIot(account: StubAccount, method: string, path: string): unknown {
  if (path === '/endpoint') return { endpointAddress: 'a1b2c3-ats.iot.eu-central-1.amazonaws.com' };
  const [, name = '', rest] = /^\/policies\/([^/]+)(\/version)?$/.exec(path) ?? [];
  const policy = existing(account, 'AWS::IoT::Policy', decodeURIComponent(name));
  if (rest !== undefined) return { policyVersions: [{ versionId: '1', isDefaultVersion: true }] };
  if (method === 'DELETE') account.drop(policy);
  return { policyName: policy.physicalId };
}

function existing(account: StubAccount, type: string, physicalId: string) {
  const found = account.find(type, physicalId);
  if (found === undefined) throw new StubFault('ResourceNotFoundException', `${physicalId} not found`, 404);
  return found;
}
