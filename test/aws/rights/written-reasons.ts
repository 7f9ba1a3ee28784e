/** Why rights that no request of the tests can need are given. Owners and rights are regular expressions of the whole text. */
export interface WrittenReason {
  /** A function (`device-registry/getDevice`), a role of a stack (`device-registry/RuleRole`), or `device`. */
  readonly owners: string;
  /** `<action> on <resource>`. */
  readonly rights: string;
  readonly reason: string;
  /** A slow machine, or a chance that no test decides, may need the right: the reason stands whether it did or not. */
  readonly mayBeUsed?: true;
}

const ANY_FUNCTION = '[a-z-]+/[a-z][A-Za-z]+';

/** The whole list. A reason fails the test when a right that it speaks of is used all the same, and when there is none any more. */
export const WRITTEN_REASONS: readonly WrittenReason[] = [
  {
    owners: ANY_FUNCTION,
    rights: 'logs:(CreateLogStream|CreateLogGroup|TagResource|PutLogEvents) on .*',
    reason: 'Lambda itself writes what a function prints; no SDK command does.',
  },
  {
    owners: ANY_FUNCTION,
    rights: 'xray:.* on \\*',
    reason: 'Lambda itself writes traces; no SDK command does.',
  },
  {
    owners: ANY_FUNCTION,
    rights: 'dynamodb:ListStreams on .*',
    reason: 'Lambda demands it of the role of a stream mapping when the mapping is made.',
  },
  {
    owners: '(?!rollout-orchestrator/findSilence)[a-z-]+/[a-z][A-Za-z]+',
    rights: 'sqs:GetQueueAttributes on .*',
    reason: 'Lambda demands it of the role of a queue mapping when the mapping is made.',
  },
  {
    owners: 'rollout-orchestrator/findSilence',
    rights: 'sqs:GetQueueAttributes on .*-silence',
    reason: 'The same, for the queue that feeds it; that of the reports it asks for itself.',
  },
  {
    owners: 'firmware-storage/IamRoleCustomResourcesLambdaExecution',
    rights: '(s3:(Get|Put)BucketNotification|lambda:(Add|Remove)Permission) on .*',
    reason:
      'The framework tells the bucket whom to call while CloudFormation deploys, which has no server here.',
  },
  {
    owners: 'rollout-orchestrator/explainDevice',
    rights: 'dynamodb:BatchGetItem on .*',
    reason: 'Only of a device that failed in several rollouts there are several rows; here none does.',
  },
  {
    owners: 'rollout-orchestrator/listRolloutDevices',
    rights: 'dynamodb:BatchGetItem on .*',
    reason:
      'Only of devices that ended badly and lie near each other, by the hash of their names, several are read at once; here none do.',
  },
  {
    owners: 'rollout-orchestrator/applyReports',
    rights: 'iot:Publish on .*/permit',
    reason:
      'Only a device that begins with a permit that is over hears that it is withdrawn; here all are in time, if the machine is.',
    mayBeUsed: true,
  },
  {
    owners: 'rollout-orchestrator/countMembers',
    rights: 'sqs:SendMessage on .*-members',
    reason: 'Only a fleet that takes longer to count than one invocation may goes on in a further message.',
    mayBeUsed: true,
  },
  {
    owners: '[a-z-]+/(relayOutbox|sealAudit)',
    rights: 'sqs:SendMessage on .*-dead',
    reason: 'Lambda tells of a stream batch only after 10,000 tries or 20 hours.',
  },
];
