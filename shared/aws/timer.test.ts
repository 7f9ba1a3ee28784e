import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeTimer } from '#shared/capabilities/conformance/timer.suite.ts';
import { ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { losesAnswer, refuses } from './testing/bad-days.ts';
import { pauseForNothing } from './testing/no-pauses.ts';
import { stubbedSettings } from './testing/oracle-process.ts';
import { Schedules } from './testing/schedules.ts';
import { scopeOf, Wire, type WireRequest } from './testing/wire.ts';
import { SchedulerTimer } from './timer.ts';

pauseForNothing();

const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:wakes';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/wakes';
/** A timer for what is past is set to so much later. */
const AT_ONCE_MS = 2_000;

async function openTimer() {
  const world = new VirtualWorld('timer');
  const schedules = new Schedules(world);
  const wire = await Wire.open(schedules.serve);
  const client = new SchedulerClient(stubbedSettings(wire));
  return {
    world,
    schedules,
    wire,
    timer: new SchedulerTimer({ client, queueArn: QUEUE_ARN, roleArn: ROLE_ARN, world }),
    arrived: async () => schedules.arrived(),
    now: () => world.now(),
    elapse: (durationMs: number) => world.advance(Math.max(durationMs, AT_ONCE_MS)),
    async close() {
      client.destroy();
      await wire.close();
    },
  };
}

describeTimer('EventBridge Scheduler (stubbed wire, schedules kept by the test)', openTimer);

describe('EventBridge Scheduler as a timer (stubbed wire: no server of its kind can be had)', () => {
  let opened: Awaited<ReturnType<typeof openTimer>>;
  let wire: Wire;
  let schedules: Schedules;
  beforeEach(async () => {
    opened = await openTimer();
    ({ wire, schedules } = opened);
  });
  afterEach(() => opened.close());

  const NEW_YEAR_MS = Date.UTC(2027, 0, 1);
  const passed = (asked: WireRequest) => schedules.serve(asked);
  const tokenIn = ({ body }: WireRequest) => /"ClientToken":"([0-9a-f]{32})"/.exec(body.toString())?.[1];

  test('makes a one-time schedule as CreateSchedule has it, to the byte', async () => {
    await opened.timer.set('wake-1', NEW_YEAR_MS, '{"wake":"ä"}');
    const { method, path, body } = wire.only();
    expect(`${method} ${path}`).toBe('POST /schedules/wake-1');
    expect(scopeOf(wire.only())).toBe('eu-central-1/scheduler');
    const token = Buffer.from(new VirtualWorld('timer').randomBytes(16)).toString('hex');
    expect(body.toString()).toBe(
      '{"ScheduleExpression":"at(2027-01-01T00:00:00)",' +
        `"Target":{"Arn":"${QUEUE_ARN}","RoleArn":"${ROLE_ARN}","Input":"{\\"wake\\":\\"ä\\"}"},` +
        '"FlexibleTimeWindow":{"Mode":"OFF"},"ScheduleExpressionTimezone":"UTC",' +
        `"ClientToken":"${token}","ActionAfterCompletion":"DELETE"}`,
    );
  });

  test('never sends before its time, though schedules know whole seconds only', async () => {
    await opened.timer.set('wake-1', NEW_YEAR_MS + 1, 'wake');
    expect(wire.only().body.toString()).toContain('at(2027-01-01T00:00:01)');
  });

  test('replaces a schedule that is there', async () => {
    await opened.timer.set('wake-1', NEW_YEAR_MS, 'old');
    await opened.timer.set('wake-1', NEW_YEAR_MS + 60_000, 'new');
    const [, create, update] = wire.requests;
    expect(`${create?.method} ${update?.method} ${update?.path}`).toBe('POST PUT /schedules/wake-1');
    expect(update?.body.toString()).toContain('at(2027-01-01T00:01:00)');
  });

  test('makes a schedule anew that ran between the two requests', async () => {
    wire.next(refuses(409, 'ConflictException'), refuses(404, 'ResourceNotFoundException'));
    await opened.timer.set('wake-1', NEW_YEAR_MS, 'wake');
    expect(wire.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'POST']);
    expect(schedules.names()).toEqual(['wake-1']);
  });

  test('cancels by name', async () => {
    wire.next(passed);
    await opened.timer.cancel('wake-1');
    const { method, path } = wire.only();
    expect(`${method} ${path.replace(/[0-9a-f]{32}$/, '')}`).toBe('DELETE /schedules/wake-1?clientToken=');
    expect(scopeOf(wire.only())).toBe('eu-central-1/scheduler');
  });

  test('sets again with the same token when the answer was lost: the service knows the repeat', async () => {
    wire.next(losesAnswer(passed));
    await opened.timer.set('wake-1', NEW_YEAR_MS, 'wake');
    const [first, second] = wire.requests;
    expect(wire.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(second?.body).toEqual(first?.body);
    expect(schedules.names()).toEqual(['wake-1']);
  });

  test('gives every call a token of its own', async () => {
    await opened.timer.set('a', NEW_YEAR_MS, 'x');
    await opened.timer.set('b', NEW_YEAR_MS, 'x');
    const [first, second] = wire.requests.map(tokenIn);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
  });

  test('does not know whether it set when three answers were lost, and tries no more', async () => {
    wire.next(...Array(3).fill(losesAnswer(passed)));
    await expect(opened.timer.set('wake-1', NEW_YEAR_MS, 'x')).rejects.toThrow(UnknownOutcomeError);
    expect(wire.requests).toHaveLength(3);
  });

  test('is throttled after three tries', async () => {
    wire.next(...Array(3).fill(refuses(429, 'ThrottlingException')));
    await expect(opened.timer.cancel('wake-1')).rejects.toThrow(ThrottledError);
    expect(wire.requests).toHaveLength(3);
  });
});
