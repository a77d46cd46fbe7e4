// Looks for leaks when a test file has ended: vitest kills its processes, so the check at exit does not come.
import { createRequire } from 'node:module';
import { afterAll } from 'vitest';

const probe = createRequire(import.meta.url)(process.env['OWIN_SANITIZER_PROBE'] as string);

afterAll(() => probe.checkLeaks());
