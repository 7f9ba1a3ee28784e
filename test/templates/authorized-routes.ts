import type { PackagedResource, PackagedTemplate } from '../../build/packaged-functions.ts';

/** The routes of a packaged template. */
export function routesIn({ Resources }: PackagedTemplate): PackagedResource[] {
  return Object.values(Resources).filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route');
}

/** Those routes that somebody without a token of the platform's authorizer could call. */
export function openRoutes(template: PackagedTemplate, stage: string): string[] {
  const authorizer = JSON.stringify({ 'Fn::ImportValue': `evenkeel-${stage}-authorizer-id` });
  return routesIn(template)
    .filter(
      ({ Properties: { AuthorizationType, AuthorizerId } }) =>
        AuthorizationType !== 'JWT' || JSON.stringify(AuthorizerId) !== authorizer,
    )
    .map(({ Properties }) => String(Properties.RouteKey));
}
