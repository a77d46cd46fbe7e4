import { readFileSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { commonjsTypes } from './src/commonjs/types.ts';

export default defineConfig({
  entry: ['src/index.ts', 'src/cli/main.ts', 'src/nats/index.ts'],
  unbundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: true,
  sourcemap: true,
  copy: ['src/commonjs/index.cjs', 'src/commonjs/nats.cjs', 'src/commonjs/nats.d.cts'],
  // dist/ also holds the .NET half.
  clean: ['dist/**/*.js', 'dist/**/*.d.ts', 'dist/**/*.map'],
  inputOptions: { checks: { pluginTimings: false } },
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  hooks: {
    'build:done': () =>
      writeFileSync('dist/index.d.cts', commonjsTypes(readFileSync('dist/index.d.ts', 'utf8'))),
  },
});
