import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkTimer } from '#shared/capabilities/limits/timer.ts';
import type { Timer } from '#shared/capabilities/timer.ts';
import type { World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

/** What is past is set to so much later, because the request itself takes time. */
const AT_ONCE_MS = 2_000;

/** Where the messages of a timer go, and the role that the scheduler sends them with. */
export interface SchedulerTimerParts {
  readonly client: SchedulerClient;
  readonly queueArn: string;
  readonly roleArn: string;
  readonly world: Pick<World, 'now'>;
}

const newClient = () => new SchedulerClient(CLIENT_SETTINGS);

/** Timers to the queue whose ARN the variable holds; the scheduler's role stands in `<variable>_ROLE`. */
export function open({ resource, variable, setting, share, world }: AwsSource): Timer {
  return new SchedulerTimer({
    client: share(newClient),
    queueArn: resource,
    roleArn: setting(`${variable}_ROLE`),
    world,
  });
}

/** `Timer` on one-time schedules of EventBridge Scheduler, which are exact to a minute and go away once they have run. */
export class SchedulerTimer implements Timer {
  readonly #parts: SchedulerTimerParts;

  constructor(parts: SchedulerTimerParts) {
    this.#parts = parts;
  }

  async set(name: string, atMs: number, body: string): Promise<void> {
    checkTimer(name, atMs, body);
    const { client, queueArn, roleArn, world } = this.#parts;
    const at = new Date(Math.max(atMs, world.now() + AT_ONCE_MS)).toISOString().slice(0, 19);
    const schedule = {
      Name: name,
      ScheduleExpression: `at(${at})`,
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: queueArn, RoleArn: roleArn, Input: body },
    } as const;
    await calling('scheduler:CreateSchedule', name, async () => {
      try {
        await client.send(new CreateScheduleCommand(schedule));
      } catch (error) {
        if (!(error instanceof ConflictException)) throw error;
        await client.send(new UpdateScheduleCommand(schedule));
      }
    });
  }

  async cancel(name: string): Promise<void> {
    const { client } = this.#parts;
    await calling('scheduler:DeleteSchedule', name, async () => {
      try {
        await client.send(new DeleteScheduleCommand({ Name: name }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    });
  }
}
