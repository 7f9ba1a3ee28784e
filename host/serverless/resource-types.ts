/**
 * Resource types without a meaning on one machine: who may call what is enforced from the functions' own statements, alarms
 * and dashboards need CloudWatch, and the host serves HTTP and files itself. A type that ends in `::` means all below it.
 */
const SKIPPED = [
  'AWS::ApiGatewayV2::',
  'AWS::CloudFront::',
  'AWS::CloudWatch::',
  'AWS::Cognito::',
  'AWS::IAM::',
  'AWS::KMS::',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::ScheduleGroup',
] as const;

/** Whether resources of that type are passed over. */
export function isSkipped(type: string): boolean {
  return SKIPPED.some((skipped) => (skipped.endsWith('::') ? type.startsWith(skipped) : type === skipped));
}

/** The property that names a resource of a type. A type that is not here gets a name made of stack and logical id. */
export const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::IoT::Policy': 'PolicyName',
  'AWS::IoT::TopicRule': 'RuleName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
};
