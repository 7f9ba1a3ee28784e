import { idIn } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/**
 * Lambda counts how often a function is invoked by what it has sent itself, over queues and other functions, and at the 16th time
 * takes it for a mistake: the message goes to the dead-letter queue, unread (Lambda, "recursive loop detection"). Whoever can send
 * to itself says that it is meant; for everybody else the guard stays.
 */
export function loops(stack: StackTemplate): Fault[] {
  const sendsTo = new Map(stack.functions().map(([id]) => [id, readersOfWhatSends(stack, id)]));
  return stack.functions().flatMap(([resource, { Properties }]) => {
    const isInLoop = reaches(sendsTo, resource, resource);
    const isMeant = Properties.RecursiveLoop === 'Allow';
    if (isInLoop === isMeant) return [];
    const message = isInLoop
      ? 'can send to itself and must have recursiveLoop Allow: Lambda ends its loop at the 16th time'
      : 'cannot send to itself, so that recursiveLoop Allow only takes a guard away';
    return [{ resource, rule: 'loop-is-meant', message }];
  });
}

/** The functions that read a queue which a function may send to. */
function readersOfWhatSends(stack: StackTemplate, functionId: string): readonly string[] {
  const role = stack.roleOf(functionId);
  return stack.ofType('AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
    const queue = idIn(Properties.EventSourceArn) ?? '';
    const reader = stack.target(Properties.FunctionName)?.functionId;
    return reader !== undefined && stack.maySendTo(role, queue) ? [reader] : [];
  });
}

function reaches(sendsTo: ReadonlyMap<string, readonly string[]>, from: string, goal: string): boolean {
  const seen = new Set<string>();
  const next = [...(sendsTo.get(from) ?? [])];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (one === goal) return true;
    if (seen.has(one)) continue;
    seen.add(one);
    next.push(...(sendsTo.get(one) ?? []));
  }
  return false;
}
