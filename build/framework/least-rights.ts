import { at, listOf, ofType, type Resource, type Resources } from '../template.ts';

/** The role with the provider's statements, which the framework makes for functions that have none of their own. */
const SHARED_ROLE = 'IamRoleLambdaExecution';
/** The role of the function that tells a bucket whom to call. */
const CUSTOM_ROLE = 'IamRoleCustomResourcesLambdaExecution';

/** Takes away what the framework grants and nobody needs, and names that would be too long in some Region. */
export function leastRights(resources: Resources): Resources {
  const without = withoutSharedRole(resources);
  const narrowed = Object.entries(without).map(([id, resource]): [string, Resource] => {
    if (resource.Type !== 'AWS::IAM::Role') return [id, resource];
    return [id, id === CUSTOM_ROLE ? narrowedCustomRole(resource, without) : nameless(resource)];
  });
  return Object.fromEntries(narrowed);
}

/**
 * The shared role is kept, and waited for by mappings, also when each function has its own: nobody uses it, so that it goes. Throws
 * when somebody does.
 */
function withoutSharedRole(resources: Resources): Resources {
  const { [SHARED_ROLE]: _unused, ...others } = resources;
  if (JSON.stringify(Object.values(others).map(({ Properties }) => Properties)).includes(`"${SHARED_ROLE}"`))
    throw new Error(`a resource uses ${SHARED_ROLE}: give every function iamRoleStatements of its own`);
  return Object.fromEntries(
    Object.entries(others).map(([id, { DependsOn, ...resource }]) => {
      const waitsFor = listOf(DependsOn)
        .filter((one) => one !== SHARED_ROLE)
        .map(String);
      return [id, waitsFor.length === 0 ? resource : { ...resource, DependsOn: waitsFor }];
    }),
  );
}

/** CloudFormation finds a name that fits: one of service, stage, function and Region is longer than the 64 characters of IAM. */
function nameless(role: Resource): Resource {
  const { RoleName: _name, ...Properties } = role.Properties;
  return { ...role, Properties };
}

/** It may add and remove permissions of all functions of the account: of those that uploads invoke is enough. */
function narrowedCustomRole(role: Resource, resources: Resources): Resource {
  const names = ofType(resources, 'Custom::S3').map(([, { Properties }]) => String(Properties.FunctionName));
  const arns = names.flatMap((name) =>
    [name, `${name}:*`].map((resource) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${resource}`,
    })),
  );
  const policies = listOf(role.Properties.Policies).map((policy) => {
    const statements = listOf(at(policy, 'PolicyDocument', 'Statement')).map((statement) =>
      listOf(at(statement, 'Action')).includes('lambda:AddPermission')
        ? { ...Object(statement), Resource: arns }
        : statement,
    );
    const document = { ...Object(at(policy, 'PolicyDocument')), Statement: statements };
    return { ...Object(policy), PolicyDocument: document };
  });
  return { ...role, Properties: { ...role.Properties, Policies: policies } };
}
