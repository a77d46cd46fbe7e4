import { execFile } from 'node:child_process';

/** How a program ended, and all it wrote. */
export interface Ended {
  code: number;
  stdout: string;
  /** Both streams. */
  output: string;
}

/**
 * Runs a program of the .NET SDK to its end.
 *
 * @throws (as a rejection) what Node reports where it cannot be started
 */
export function run(program: string, args: string[], cwd: string): Promise<Ended> {
  const env = {
    ...process.env,
    DOTNET_NOLOGO: '1',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_CLI_UI_LANGUAGE: 'en',
  };
  const options = { cwd, env, maxBuffer: 64 * 1024 * 1024, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: error ? Number(error.code) : 0, stdout, output: stdout + stderr });
    });
  });
}
