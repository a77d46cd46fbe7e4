export function runVitest(
  report: string,
  options?: {
    files?: string[];
    env?: NodeJS.ProcessEnv;
    folder?: string;
    stdio?: import('node:child_process').StdioOptions;
  },
): {
  total: number;
  passed: number;
  failures: string[];
  unsteady: string[];
  passedFiles: Set<string>;
};
