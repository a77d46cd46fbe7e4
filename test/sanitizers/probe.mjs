// Commits the fault named by the first argument in a process in which the CLR runs.
import { createRequire } from 'node:module';
import owin from 'owin';

const probe = createRequire(import.meta.url)(process.env.OWIN_SANITIZER_PROBE);
await owin.runtime.start();
probe[process.argv[2]]();
