// Reads what the sanitizers have reported, and tells our faults from what Node and the CLR do on their own account.
//
// Node and the CLR leave memory to the end of the process by design; for LeakSanitizer even what only their
// garbage-collected heaps refer to is lost, for it does not look there. A leak is ours where our code has allocated:
// where the first caller that is not a library of the language is an addon of ours, or where an addon of ours has called
// a function of Node-API that did (further up from us lies the JavaScript that we have called). A suppression could not
// say that: it matches any caller, and Node is one of everything. All other reports (of overflows, use after free, undefined behaviour) are faults, whoever is named.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const UNFINISHED = 'LeakSanitizer has encountered a fatal error';
const RUNNING = /^==\d+==Running thread \d+ was not suspended\. False leaks are possible\.$/gm;
const OF_THE_LANGUAGE = /^(libasan|libubsan|libstdc\+\+|libgcc_s|libc|libm|ld-linux-x86-64)\.so/;
const FRAMES_OF_NODE_API = 4;
const OURS = /^(owin|owin_probe)\.node$/;

/** The faults in a folder of reports, each as text. */
export function readFaults(folder) {
  return readdirSync(folder).flatMap((name) =>
    faultsIn(readFileSync(path.join(folder, name), 'utf8')),
  );
}

/**
 * Takes away the reports of processes that LeakSanitizer ended because it could not look at all their memory. They say
 * nothing of leaks. Returns how many there were.
 */
export function takeUnfinished(folder) {
  const unfinished = readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((file) => readFileSync(file, 'utf8').includes(UNFINISHED));
  for (const file of unfinished) rmSync(file);
  return unfinished.length;
}

/** The faults in one report, which may be of several looks for leaks and of what ended the process. */
export function faultsIn(report) {
  const sections = report
    .replace(RUNNING, '')
    .split(/^={20,}$/m)
    .map((section) => section.trim());
  return sections.filter(Boolean).flatMap((section) => {
    if (!section.includes('ERROR: LeakSanitizer: detected memory leaks')) return [section];
    return section
      .split(/\n{2,}/)
      .filter((part) => /^(Direct|Indirect) leak of /.test(part) && isOurs(part));
  });
}

/** Frames of a stack: module and offset. */
export function frames(text) {
  return [...text.matchAll(/#\d+ 0x[0-9a-f]+ +\((.+?)\+(0x[0-9a-f]+)\)/g)].map(
    ([, module, offset]) => ({ module, offset }),
  );
}

function isOurs(leak) {
  const callers = frames(leak)
    .map(({ module }) => path.basename(module))
    .filter((name) => !OF_THE_LANGUAGE.test(name));
  const first = callers.findIndex((name) => name !== 'node');
  return first <= FRAMES_OF_NODE_API && OURS.test(callers[first] ?? '');
}
