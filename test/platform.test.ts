import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const native = path.join(import.meta.dirname, '../native');
// bridge.h: the calling convention of Windows, for C as well.
const allowed = /^platform(_\w+)?\.(cc|h)$|_(posix|win)\.cc$|^bridge\.h$/;

it('native code knows the operating system in platform.h, *_posix.cc and *_win.cc alone', () => {
  const sources = readdirSync(native).filter((name) => /\.(cc|h)$/.test(name));
  const knowing = sources.filter((name) =>
    /_WIN32|__linux__|__APPLE__|<windows\.h>|<dlfcn\.h>|<pthread\.h>/.test(
      readFileSync(path.join(native, name), 'utf8'),
    ),
  );
  expect(knowing).toContain('platform_posix.cc');
  expect(knowing.filter((name) => !allowed.test(name))).toEqual([]);
});
