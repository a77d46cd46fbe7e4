// In each process of tests that runs with a sanitizer.
import { createRequire } from 'node:module';
import { afterAll } from 'vitest';

// This process has it; those that it starts get it from `withAddon`, where they load the addon.
delete process.env['LD_PRELOAD'];

const probe = createRequire(import.meta.url)(process.env['OWIN_SANITIZER_PROBE'] as string);

// Leaks are looked for when a test file has ended: vitest kills its processes, so the check at exit does not come.
afterAll(() => probe.checkLeaks());
