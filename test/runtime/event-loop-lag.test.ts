import { afterEach, test } from '@jest/globals';
import { type EventLoopLag, eventLoopLag } from '../../src/runtime/event-loop-lag.ts';
import { until } from '../until.ts';

let lag: EventLoopLag;
afterEach(() => lag.close());

const turn = () => new Promise((resolve) => setTimeout(resolve, 60));

test('sees how long the event loop stood still, and forgets it after two periods', async () => {
  lag = eventLoopLag(200);
  await turn();
  const untilMs = performance.now() + 700;
  while (performance.now() < untilMs);
  await until(() => lag.longestMs() >= 600);
  await until(() => lag.longestMs() < 600, 30_000);
});
