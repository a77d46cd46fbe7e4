import { expect, test } from 'vitest';
import { faultsIn, frames } from './reports.mjs';

const LANGUAGE = '/usr/lib/gcc/x86_64-linux-gnu/12/libasan.so';
const CPP = '/lib/x86_64-linux-gnu/libstdc++.so.6';
const NODE = '/usr/bin/node';
const CLR = '/dotnet/shared/Microsoft.NETCore.App/10.0.12/libcoreclr.so';
const OWIN = '/repo/build/asan/build/Release/owin.node';

const stack = (...modules: string[]) =>
  modules.map((module, at) => `    #${at} 0x7f00000000${at}0  (${module}+0x${at}a)`).join('\n');
const leak = (...modules: string[]) =>
  `Direct leak of 56 byte(s) in 1 object(s) allocated from:\n${stack(...modules)}`;
const leaks = (...parts: string[]) =>
  [
    `\n${'='.repeat(65)}\n==7==ERROR: LeakSanitizer: detected memory leaks`,
    ...parts,
    'SUMMARY: AddressSanitizer: 56 byte(s) leaked in 1 allocation(s).\n',
  ].join('\n\n');

test.each([
  ['we allocated', [LANGUAGE, OWIN, NODE]],
  ['a library of the language allocated for us', [LANGUAGE, CPP, OWIN, NODE]],
  ['Node-API allocated for us', [LANGUAGE, NODE, NODE, NODE, OWIN, NODE]],
])('a leak of what %s is ours', (_, modules) => {
  expect(faultsIn(leaks(leak(...modules)))).toEqual([leak(...modules)]);
});

test.each([
  ['the CLR allocated, which we have called', [LANGUAGE, CLR, CLR, OWIN]],
  ['Node allocated', [LANGUAGE, NODE, NODE]],
  ['JavaScript allocated that we have called', [LANGUAGE, ...Array(12).fill(NODE), OWIN]],
  ['nobody knows who allocated', [LANGUAGE]],
])('a leak of what %s is not', (_, modules) => {
  expect(faultsIn(leaks(leak(...modules)))).toEqual([]);
});

test('each look of a process is read, and what ended it', () => {
  const overflow = `==7==ERROR: AddressSanitizer: heap-buffer-overflow\n${stack(LANGUAGE, CLR)}`;
  const report = `${leaks(leak(LANGUAGE, OWIN))}${leaks(leak(LANGUAGE, NODE))}\n${'='.repeat(65)}\n${overflow}\n`;
  expect(faultsIn(report)).toEqual([leak(LANGUAGE, OWIN), overflow]);
});

test('a thread that LeakSanitizer could not stop is no fault', () => {
  const running = [3, 4].map(
    (thread) => `==9==Running thread ${thread} was not suspended. False leaks are possible.\n`,
  );
  expect(faultsIn(`\n${running.join('')}`)).toEqual([]);
  expect(faultsIn(`\n${running.join('')}${leaks(leak(LANGUAGE, OWIN))}`)).toEqual([
    leak(LANGUAGE, OWIN),
  ]);
});

test('undefined behaviour is a fault', () => {
  const report = 'native/inbox.cc:20:7: runtime error: signed integer overflow\n';
  expect(faultsIn(report)).toEqual([report.trim()]);
});

test('frames', () => {
  expect(frames(leak(LANGUAGE, OWIN))).toEqual([
    { module: LANGUAGE, offset: '0x0a' },
    { module: OWIN, offset: '0x1a' },
  ]);
});
