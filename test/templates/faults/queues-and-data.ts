import type { PlantedFault } from './fault.ts';

const stack = 'rollout-orchestrator';

/** Faults in what is kept: messages, rows and objects. */
export const storageFaults: readonly PlantedFault[] = [
  {
    title: 'a queue without a dead-letter queue',
    stack,
    plant: (template) => {
      delete template.Resources.ReportsQueue.Properties.RedrivePolicy;
    },
    rule: 'queue-has-dead-letters',
    resource: 'ReportsQueue',
  },
  {
    title: 'a queue that gives a message up at once',
    stack,
    plant: (template) => {
      template.Resources.ReportsQueue.Properties.RedrivePolicy.maxReceiveCount = 1;
    },
    rule: 'queue-tries-again',
    resource: 'ReportsQueue',
  },
  {
    title: 'a queue that is not encrypted',
    stack,
    plant: (template) => {
      template.Resources.ReportsQueue.Properties.SqsManagedSseEnabled = false;
    },
    rule: 'queue-is-encrypted',
    resource: 'ReportsQueue',
  },
  {
    title: 'a queue that hides a message a second too short',
    stack,
    plant: (template) => {
      template.Resources.ReportsQueue.Properties.VisibilityTimeout = 180;
    },
    rule: 'queue-hides-long-enough',
    resource: 'ReportsQueue',
  },
  {
    title: 'a function that got slower than its queue thinks',
    stack,
    plant: (template) => {
      template.Resources.ApplyReportsLambdaFunction.Properties.Timeout = 31;
    },
    rule: 'queue-hides-long-enough',
    resource: 'ReportsQueue',
  },
  {
    title: 'a queue that may take all concurrency of the account',
    stack,
    plant: (template) => {
      delete template.Resources.ApplyReportsEventSourceMappingSQSReportsQueue.Properties.ScalingConfig;
    },
    rule: 'queue-has-maximum-concurrency',
    resource: 'ApplyReportsEventSourceMappingSQSReportsQueue',
  },
  {
    title: 'a queue consumer with reserved concurrency',
    stack,
    plant: (template) => {
      template.Resources.ApplyReportsLambdaFunction.Properties.ReservedConcurrentExecutions = 5;
    },
    rule: 'queue-has-maximum-concurrency',
    resource: 'ApplyReportsLambdaFunction',
  },
  {
    title: 'a dead-letter queue that forgets after four days',
    stack,
    plant: (template) => {
      delete template.Resources.ReportsDeadQueue.Properties.MessageRetentionPeriod;
    },
    rule: 'dead-letters-are-kept',
    resource: 'ReportsDeadQueue',
  },
  {
    title: 'a queue that keeps messages as long as its dead-letter queue',
    stack,
    plant: (template) => {
      template.Resources.ReportsQueue.Properties.MessageRetentionPeriod = 1_209_600;
    },
    rule: 'dead-letters-outlive-queue',
    resource: 'ReportsQueue',
  },
  {
    title: 'a dead-letter queue without an alarm',
    stack,
    plant: (template) => {
      delete template.Resources.ReportsDeadQueueAlarm;
    },
    rule: 'dead-letters-have-alarm',
    resource: 'ReportsDeadQueue',
  },
  {
    title: 'a dead-letter queue with an alarm that waits for company',
    stack,
    plant: (template) => {
      template.Resources.ReportsDeadQueueAlarm.Properties.Threshold = 10;
    },
    rule: 'dead-letters-have-alarm',
    resource: 'ReportsDeadQueue',
  },
  {
    title: 'a table that goes with its stack',
    stack,
    plant: (template) => {
      template.Resources.RolloutsTable.DeletionPolicy = 'Delete';
    },
    rule: 'data-is-retained',
    resource: 'RolloutsTable',
  },
  {
    title: 'a table that goes when it is replaced',
    stack,
    plant: (template) => {
      delete template.Resources.RolloutsTable.UpdateReplacePolicy;
    },
    rule: 'data-is-retained',
    resource: 'RolloutsTable',
  },
  {
    title: 'a bucket that goes with its stack',
    stack: 'firmware-storage',
    plant: (template) => {
      delete template.Resources.FirmwareBucket.DeletionPolicy;
    },
    rule: 'data-is-retained',
    resource: 'FirmwareBucket',
  },
  {
    title: 'a table without encryption by a key of the account',
    stack,
    plant: (template) => {
      delete template.Resources.RolloutsTable.Properties.SSESpecification;
    },
    rule: 'data-is-encrypted',
    resource: 'RolloutsTable',
  },
  {
    title: 'a bucket without encryption',
    stack: 'telemetry-ingest',
    plant: (template) => {
      delete template.Resources.ReportsBucket.Properties.BucketEncryption;
    },
    rule: 'data-is-encrypted',
    resource: 'ReportsBucket',
  },
  {
    title: 'a table without a way back to yesterday',
    stack: 'firmware-storage',
    plant: (template) => {
      delete template.Resources.FirmwareTable.Properties.PointInTimeRecoverySpecification;
    },
    rule: 'table-has-backup',
    resource: 'FirmwareTable',
  },
  {
    title: 'a table that can be deleted in passing',
    stack: 'firmware-storage',
    plant: (template) => {
      delete template.Resources.FirmwareTable.Properties.DeletionProtectionEnabled;
    },
    rule: 'table-is-protected',
    resource: 'FirmwareTable',
  },
  {
    title: 'a bucket that a policy could open to the public',
    stack: 'firmware-storage',
    plant: (template) => {
      template.Resources.FirmwareBucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy = false;
    },
    rule: 'bucket-is-private',
    resource: 'FirmwareBucket',
  },
];
