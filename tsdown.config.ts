import { readFileSync, writeFileSync } from 'node:fs';
import { defineConfig, type Rolldown } from 'tsdown';
import { commonjsTypes } from './src/commonjs/types.ts';

// V8 keeps a text with one character above U+00FF as two bytes for each.
const ascii: Rolldown.Plugin = {
  name: 'ascii',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || !file.fileName.endsWith('.js')) continue;
      file.code = file.code.replace(
        /[^\0-\x7f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

export default defineConfig({
  // A module costs memory and time beside that of its code, so what is loaded together is one file. The functions and
  // databases of src/index.ts are files of their own, which it loads when they are first used.
  entry: {
    index: 'src/index.ts',
    'functions/index': 'src/functions/index.ts',
    'sql/sql': 'src/sql/sql.ts',
    'nats/index': 'src/nats/index.ts',
    'cli/main': 'src/cli/main.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: true,
  sourcemap: true,
  copy: ['src/commonjs/index.cjs', 'src/commonjs/nats.cjs', 'src/commonjs/nats.d.cts'],
  // dist/ also holds the .NET half.
  clean: ['dist/**/*.js', 'dist/**/*.d.ts', 'dist/**/*.map'],
  inputOptions: { checks: { pluginTimings: false } },
  // src/hosting/bridge.ts finds the package two folders up.
  outputOptions: { chunkFileNames: 'chunks/[name].js', comments: false },
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  plugins: [ascii],
  hooks: {
    'build:done': () =>
      writeFileSync('dist/index.d.cts', commonjsTypes(readFileSync('dist/index.d.ts', 'utf8'))),
  },
});
