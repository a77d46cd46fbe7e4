// A PostgreSQL server of its own, on a socket in a temporary folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const versions = '/usr/lib/postgresql';

/** Folder of the newest server's programs. */
function programs(): string {
  const found = (existsSync(versions) ? readdirSync(versions) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(versions, version, 'bin'))
    .find((folder) => existsSync(path.join(folder, 'initdb')));
  if (found) return found;
  throw new Error(`There is no PostgreSQL in ${versions}: apt-get install postgresql`);
}

// The server refuses to be root.
function user(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export class Postgres {
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  static async start(): Promise<Postgres> {
    const folder = mkdtempSync(path.join(tmpdir(), 'owin-pg-'));
    const { uid, gid } = user();
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    const as = { ...user(), cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } };
    const data = path.join(folder, 'data');
    const bin = programs();
    const init = ['-D', data, '-A', 'trust', '-U', 'owin', '--no-sync', '-E', 'UTF8'];
    execFileSync(path.join(bin, 'initdb'), init, { ...as, stdio: 'ignore' });
    const settings = ['listen_addresses=', 'fsync=off', 'max_connections=40'];
    const server = spawn(
      path.join(bin, 'postgres'),
      ['-D', data, '-k', folder, ...settings.flatMap((each) => ['-c', each])],
      { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    await new Promise<void>((resolve, reject) => {
      server.stderr.on('data', (chunk) => {
        said += chunk;
        if (said.includes('ready to accept connections')) resolve();
      });
      server.once('exit', () => reject(new Error(`postgres has ended: ${said}`)));
    });
    return new Postgres(folder, server);
  }

  get connectionString(): string {
    return `Host=${this.#folder};Username=owin;Database=postgres`;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
