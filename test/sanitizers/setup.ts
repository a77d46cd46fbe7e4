// In each process of tests that runs with a sanitizer.
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, expect } from 'vitest';

// This process has it; those that it starts get it from `withAddon`, where they load the addon.
delete process.env['LD_PRELOAD'];

const probe = createRequire(import.meta.url)(process.env['OWIN_SANITIZER_PROBE'] as string);

// Leaks are looked for when a test file has ended: vitest kills its processes, so the check at exit does not come. Where
// LeakSanitizer gives up, it ends the process, and the file stays named as unchecked.
afterAll(() => {
  const { testPath } = expect.getState();
  const unchecked = path.join(process.env['OWIN_SANITIZER_UNCHECKED'] as string, `${process.pid}`);
  writeFileSync(unchecked, testPath as string);
  probe.checkLeaks();
  rmSync(unchecked);
});
