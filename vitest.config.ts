import { defineConfig } from 'vitest/config';
import { sanitizerEnvironment } from './test/sanitizers/environment.ts';
import { slowdown } from './test/sanitizers/slowdown.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One CLR a process: each file gets a process of its own, and two cores hold two of them.
    pool: 'forks',
    // The built package is loaded as in any other process: parts of it load others.
    server: { deps: { external: [/\/dist\//] } },
    maxWorkers: 2,
    testTimeout: 20_000 * slowdown,
    hookTimeout: 60_000 * slowdown,
    // What is polled for comes by itself, however busy the machine is.
    expect: { poll: { timeout: 10_000 * slowdown } },
    env: sanitizerEnvironment,
    setupFiles: slowdown > 1 ? ['test/sanitizers/setup.ts'] : [],
  },
});
