import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 50;
const SAME_LOOKS = 6;

/**
 * Waits until a figure has stopped changing: for what comes to rest without an event. Where it is taken to rest too
 * early, a test sees less than it could and still says nothing wrong.
 */
export async function untilStill(figure: () => number): Promise<void> {
  let last = figure();
  for (let same = 0; same < SAME_LOOKS; same++) {
    await wait(LOOK_MS);
    const now = figure();
    if (now !== last) same = -1;
    last = now;
  }
}
