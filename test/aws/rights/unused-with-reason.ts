/** Why rights that no test can use are given. Owners and rights are regular expressions of the whole text. */
export interface WrittenReason {
  readonly owners: string;
  readonly rights: string;
  readonly reason: string;
}

const ANY_FUNCTION = '[a-z-]+/[A-Za-z]+';

/** The whole list. A reason that no unused right needs any more fails the test, like a right without one. */
export const REASONS: readonly WrittenReason[] = [
  {
    owners: ANY_FUNCTION,
    rights: 'logs:(CreateLogStream|CreateLogGroup|PutLogEvents) on .*',
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
    reason: 'Part of what Lambda demands of the role of a stream mapping; its pollers are told the stream.',
  },
  {
    owners: ANY_FUNCTION,
    rights: 'sqs:GetQueueAttributes on .*',
    reason: 'Lambda demands it of the role of a queue mapping when the mapping is made.',
  },
  {
    owners: '[a-z-]+/relayOutbox',
    rights: 'sqs:SendMessage on .*-dead',
    reason: 'Lambda tells of a stream batch only after 10,000 tries.',
  },
  {
    owners: '.*IamRoleCustomResourcesLambdaExecution',
    rights: '(s3|lambda|iam):.*',
    reason: 'The framework tells the bucket whom to call while it deploys, which has no server here.',
  },
];
