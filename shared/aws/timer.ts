import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkTimer } from '#shared/capabilities/limits/timer.ts';
import type { Timer } from '#shared/capabilities/timer.ts';
import { ConflictError } from '#shared/errors/errors.ts';
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
  readonly world: Pick<World, 'now' | 'randomBytes'>;
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
    const { queueArn, roleArn, world } = this.#parts;
    // A schedule knows whole seconds, and must not run before its time.
    const atSeconds = Math.ceil(Math.max(atMs, world.now() + AT_ONCE_MS) / 1000);
    const schedule = {
      Name: name,
      ScheduleExpression: `at(${new Date(atSeconds * 1000).toISOString().slice(0, 19)})`,
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: queueArn, RoleArn: roleArn, Input: body },
    } as const;
    await calling('scheduler:CreateSchedule', name, async () => {
      if ((await this.#create(schedule)) || (await this.#replace(schedule))) return;
      // The one that was in the way has run between the two.
      if (await this.#create(schedule)) return;
      throw new ConflictError(`the timer ${name} is being set by somebody else`);
    });
  }

  async cancel(name: string): Promise<void> {
    const { client } = this.#parts;
    await calling('scheduler:DeleteSchedule', name, async () => {
      try {
        await client.send(new DeleteScheduleCommand({ Name: name, ClientToken: this.#token() }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    });
  }

  /** Whether it was made; not where one of that name is there. */
  async #create(schedule: Omit<CreateScheduleCommandInput, 'ClientToken'>): Promise<boolean> {
    try {
      await this.#parts.client.send(new CreateScheduleCommand({ ...schedule, ClientToken: this.#token() }));
      return true;
    } catch (error) {
      if (error instanceof ConflictException) return false;
      throw error;
    }
  }

  /** Whether it was replaced; not where there is none of that name. */
  async #replace(schedule: Omit<CreateScheduleCommandInput, 'ClientToken'>): Promise<boolean> {
    try {
      await this.#parts.client.send(new UpdateScheduleCommand({ ...schedule, ClientToken: this.#token() }));
      return true;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return false;
      throw error;
    }
  }

  /** The SDK repeats a call with its token, so that the scheduler knows a repeat for what it is. */
  #token(): string {
    return Buffer.from(this.#parts.world.randomBytes(16)).toString('hex');
  }
}
