// Examples in a page of Chromium.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { withAddon } from '../sanitizers/environment.ts';

const CHROMIUM = '/usr/bin/chromium';
const lacks = !existsSync(CHROMIUM) && !process.env['CI'];
if (lacks) console.warn(`${CHROMIUM} is not there: the tests in a page are skipped.`);

/** A test in a page: skipped where there is no Chromium, but not in CI, which has to bring one. */
export const inPage: (name: string, run: () => Promise<void>, timeout: number) => void =
  test.skipIf(lacks);

/** The server of an example and a browser, from before the tests of the file until after them. */
export class Example {
  /** Its address, with a slash at the end. */
  url = '';
  browser!: Browser;
  #child: ChildProcess | undefined;

  /** @param name folder below `examples` */
  constructor(name: string) {
    beforeAll(() => this.#start(name), 120_000);
    afterAll(() => this.#stop());
  }

  async #start(name: string): Promise<void> {
    const server = path.join(import.meta.dirname, '../../examples', name, 'server.mjs');
    this.#child = spawn(process.execPath, [server], {
      env: { ...withAddon(), PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    [this.url] = (await once(lines, 'line')) as [string];
    if (!lacks)
      this.browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }

  async #stop(): Promise<void> {
    await this.browser?.close();
    if (!this.#child || this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
