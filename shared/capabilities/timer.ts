/** Messages at a later time, further away than a queue can delay (EventBridge Scheduler, one-time schedules). */
export interface Timer {
  /** Sends `body` to the timer's queue at `atMs` (at once when past). The same `name` again replaces the earlier one. */
  set(name: string, atMs: number, body: string): Promise<void>;
  /** Nothing happens if there is no such timer. */
  cancel(name: string): Promise<void>;
}
