// The machine, and how much of it went to processes that are not ours.
import { readFileSync } from 'node:fs';
import os from 'node:os';

const TICK = 0.01; // s; USER_HZ is 100 on every Linux that Node runs on

export function machine() {
  const [{ model }] = os.cpus();
  const cores = os.availableParallelism();
  return { cpu: model, cores, kernel: os.release(), node: process.version };
}

/** Begins to watch; the function it gives tells how many cores others have used since, on average. */
export function watchOthers() {
  const began = { ...times(), at: performance.now() };
  return () => {
    const { busy, own } = times();
    const seconds = (performance.now() - began.at) / 1000;
    return Math.max(0, (busy - began.busy - (own - began.own)) / seconds);
  };
}

/** CPU seconds so far: of the machine, and of this process with its children that have ended. */
function times() {
  const all = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const [user, nice, system, , , irq, softirq, steal] = all;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const own = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return {
    busy: (user + nice + system + irq + softirq + steal) * TICK,
    own: own.reduce((sum, ticks) => sum + ticks) * TICK,
  };
}
