import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts'],
  unbundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: true,
  sourcemap: true,
  copy: ['src/commonjs/index.cjs', 'src/commonjs/index.d.cts'],
  // dist/ also holds the .NET half.
  clean: ['dist/**/*.js', 'dist/**/*.d.ts', 'dist/**/*.map'],
  inputOptions: { checks: { pluginTimings: false } },
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
});
