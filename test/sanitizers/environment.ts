// What a sanitizer wants in the environment of a process that loads the addon, from its start. Others do not get it:
// compilers, servers and browsers, and vitest's own process, would be slow, and LeakSanitizer would look for leaks in
// them, which says nothing of the addon.

/** Empty without a sanitizer. */
export const sanitizerEnvironment: Record<string, string> = JSON.parse(
  process.env['OWIN_SANITIZER_ENVIRONMENT'] ?? '{}',
);

/** The environment for a process that loads the addon; what this one starts otherwise has none of it. */
export const withAddon = (): NodeJS.ProcessEnv => ({ ...process.env, ...sanitizerEnvironment });
