import { describe, expect, it } from '@jest/globals';
import { readPublishTopic } from '#host/iot/publish-topic.ts';
import { compileRuleSql } from '#host/iot/sql/compile-rule-sql.ts';
import type { OutgoingMessage, Queue } from '#shared/capabilities/queue.ts';
import { AsyncInvoker } from '../async-invoker.ts';
import { triggerHome } from '../testing/trigger-home.ts';
import { IotRules, type RuleAction } from './iot-rules.ts';

const SQL = `SELECT encode(*, 'base64') AS payload, topic(2) AS thing FROM 'ek/+/report'`;

/** A queue that takes what it gets when the test says so, or never. */
function slowQueue() {
  const sent: OutgoingMessage[] = [];
  const durable = Promise.withResolvers<void>();
  const queue: Queue = {
    send: async (messages) => {
      await durable.promise;
      sent.push(...messages);
      return { failed: [] };
    },
  };
  return { queue, sent, durable };
}

const action = (name: string, queue: Queue): RuleAction => ({ kind: 'queue', name, queue });

function rulesOf(actions: readonly RuleAction[], errorAction?: RuleAction) {
  const { log, lines } = triggerHome();
  const sql = compileRuleSql(SQL);
  const rule = { name: 'ek_report', sql, actions, ...(errorAction !== undefined && { errorAction }) };
  const rules = new IotRules([rule], log);
  const publish = (topic: string) => {
    const to = readPublishTopic(topic);
    const payload = Buffer.from('{"n":1}');
    return rules.publish(to, { topic: to.topic, payload, clientId: 'c', principal: 'p', timestampMs: 5 });
  };
  return { publish, lines };
}

describe('the rules of the broker', () => {
  it('hand the document of their SQL to every action, and are done only when all have kept it', async () => {
    const [one, two] = [slowQueue(), slowQueue()];
    const { publish } = rulesOf([action('one', one.queue), action('two', two.queue)]);
    let isDone = false;
    const published = publish('$aws/rules/ek_report/ek/acme:cam-1/report').then(() => {
      isDone = true;
    });
    one.durable.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    two.durable.resolve();
    await published;
    const document = { payload: Buffer.from('{"n":1}').toString('base64'), thing: 'acme:cam-1' };
    expect([...one.sent, ...two.sent].map(({ body }) => JSON.parse(body))).toEqual([document, document]);
  });

  it('take a message by their FROM clause as well, and no other', async () => {
    const { queue, sent, durable } = slowQueue();
    durable.resolve();
    const { publish, lines } = rulesOf([action('one', queue)]);
    await publish('ek/acme:cam-1/report');
    await publish('ek/acme:cam-1/check');
    expect(sent).toHaveLength(1);
    await publish('$aws/rules/ek_unknown/ek/acme:cam-1/report');
    expect(sent).toHaveLength(1);
    expect(lines).toMatchObject([{ level: 'WARN', rule: 'ek_unknown' }]);
  });

  it('give what an action could not keep to the error action, with the message as it was', async () => {
    const bad = slowQueue();
    const rescue = slowQueue();
    rescue.durable.resolve();
    const { publish } = rulesOf([action('bad', bad.queue)], action('rescue', rescue.queue));
    bad.durable.reject(new Error('full'));
    await publish('$aws/rules/ek_report/ek/acme:cam-1/report');
    expect(JSON.parse(rescue.sent[0]?.body ?? '')).toMatchObject({
      ruleName: 'ek_report',
      topic: 'ek/acme:cam-1/report',
      base64OriginalPayload: Buffer.from('{"n":1}').toString('base64'),
      failures: [{ failedResource: 'bad', errorMessage: 'full' }],
    });
  });

  it('fail without an error action, so that the message is not acknowledged', async () => {
    const bad = slowQueue();
    const { publish } = rulesOf([action('bad', bad.queue)]);
    bad.durable.reject(new Error('full'));
    await expect(publish('$aws/rules/ek_report/ek/acme:cam-1/report')).rejects.toThrow('full');
  });

  it('do not wait for a function that they invoke, and leave each client its share of it', async () => {
    const { pool, world, log } = triggerHome();
    const parts = { pool: pool(() => new Promise(() => undefined)), world, log };
    const invoker = new AsyncInvoker(parts, {
      maximumEventAgeSeconds: 60,
      maximumRetryAttempts: 0,
      concurrency: 1,
    });
    const { publish } = rulesOf([{ kind: 'function', name: 'f', invoker }]);
    await publish('$aws/rules/ek_report/ek/acme:cam-1/report');
    expect(invoker.running).toBe(1);
    for (let n = 0; n < 20; n++) await publish('$aws/rules/ek_report/ek/acme:cam-1/report');
    expect(invoker.beyondShare).toBeGreaterThan(0);
  });
});
