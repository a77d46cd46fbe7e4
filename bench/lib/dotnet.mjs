// The .NET side of the benchmarks: where its assemblies are, and building them when they are stale.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../dotnet/', import.meta.url));
const projects = ['Bench.App', 'Bench.AspNet', 'Bench.Second', 'Bench.Start', 'Bench.Kestrel'];

export const assembly = (project) => join(root, project, 'bin/Release/net10.0', `${project}.dll`);

// Whose packages are not installed with the others: see peers/package.json.
const peers = ['Bench.Peers', 'EdgeJs'];

/** Builds the projects that are older than their sources; the peers' too where they are to be measured. */
export function build(withPeers) {
  for (const project of [...projects, ...(withPeers ? peers : [])].filter(isStale)) {
    console.log(`building ${project}`);
    try {
      const args = ['build', join(root, project), '-c', 'Release', '--nologo', '-v', 'q'];
      execFileSync('dotnet', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    } catch (error) {
      throw new Error(`dotnet build of ${project} failed: ${error.stdout || error.message}`);
    }
  }
}

function isStale(project) {
  const built = statSync(assembly(project), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['', 'Shared', 'SharedCalls', 'SharedWeb', project].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(root, folder, entry.name)),
  );
  return sources.some((source) => statSync(source).mtimeMs > built);
}
