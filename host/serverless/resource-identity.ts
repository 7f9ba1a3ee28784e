import { arnOf, type Place, queueUrlOf } from './place.ts';

/** What `!Ref` and `!GetAtt` give for a resource. */
export interface ResourceIdentity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The identity of a resource by its type and physical name, as its CloudFormation reference page says what `Ref` and
 * `Fn::GetAtt` return. Of skipped resources only what others refer to is here, so that such references resolve;
 * `undefined`: nothing may refer to resources of that type.
 */
export function identityOf(type: string, name: string, place: Place): ResourceIdentity | undefined {
  const named = (service: string, resource: string, more: Record<string, string> = {}): ResourceIdentity => ({
    ref: name,
    attributes: { Arn: arnOf(place, service, resource), ...more },
  });
  switch (type) {
    case 'AWS::DynamoDB::Table':
      return named('dynamodb', `table/${name}`, {
        StreamArn: arnOf(place, 'dynamodb', `table/${name}/stream/${place.region}`),
      });
    case 'AWS::SQS::Queue': {
      const url = queueUrlOf(place, name);
      return { ...named('sqs', name, { QueueName: name, QueueUrl: url }), ref: url };
    }
    case 'AWS::S3::Bucket':
      return {
        ref: name,
        attributes: {
          Arn: `arn:${place.partition}:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${place.region}.amazonaws.com`,
        },
      };
    case 'AWS::Events::EventBus':
      return named('events', `event-bus/${name}`, { Name: name });
    case 'AWS::IoT::TopicRule':
      return named('iot', `rule/${name}`);
    case 'AWS::IoT::Policy':
      return named('iot', `policy/${name}`);
    case 'AWS::Lambda::Function':
      return named('lambda', `function:${name}`);
    case 'AWS::IAM::Role':
      return {
        ref: name,
        attributes: { Arn: `arn:${place.partition}:iam::${place.accountId}:role/${name}` },
      };
    case 'AWS::KMS::Key':
      return named('kms', `key/${name}`, { KeyId: name });
    case 'AWS::Logs::LogGroup':
      return named('logs', `log-group:${name}:*`);
    case 'AWS::ApiGatewayV2::Api':
      return named('apigateway', `/apis/${name}`, {
        ApiEndpoint: `https://${name}.execute-api.${place.region}.amazonaws.com`,
        ApiId: name,
      });
    case 'AWS::CloudFront::Distribution':
      return { ref: name, attributes: { Id: name, DomainName: `${name}.cloudfront.net` } };
    case 'AWS::ApiGatewayV2::Authorizer':
    case 'AWS::CloudFront::KeyGroup':
    case 'AWS::CloudFront::PublicKey':
    case 'AWS::SNS::Topic':
    case 'AWS::SSM::Parameter':
    case 'AWS::Scheduler::ScheduleGroup':
      return { ref: name, attributes: { Id: name, AuthorizerId: name } };
    default:
      return undefined;
  }
}
