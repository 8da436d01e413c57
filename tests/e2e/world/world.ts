// A whole installation on ports and in a folder of its own: the pretend institution, one or two nodes of mott, a
// database, and nginx where there are two nodes. What it leaves in .run/e2e can be read after a failure.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Admin, type Login } from './admin';
import { Clock } from './clock';
import { Nginx } from './nginx';
import { command, ended, freePort, Process } from './process';
import { Sandbox } from './sandbox';

export type Variant = 'sqlite' | 'postgres';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const MERCHANT = join(ROOT, 'deploy/demo/merchant.toml');

/** A binary that `make test` names, or the one of the last debug build. */
export function binary(name: string, variable: string): string {
  return process.env[variable] ?? join(ROOT, 'target/debug', name);
}

export class World {
  readonly admin: Admin;

  private constructor(
    readonly variant: Variant,
    readonly url: string,
    readonly sandbox: Sandbox,
    readonly clock: Clock,
    readonly nginx: Nginx | null,
    readonly folder: string,
    private readonly config: string,
    private readonly processes: Process[],
    private readonly forget: () => Promise<void>,
  ) {
    this.admin = new Admin(url, demoLogin());
  }

  static async start(variant: Variant, label: string): Promise<World> {
    const folder = join(ROOT, '.run/e2e', `${variant}-${label}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const clock = new Clock(join(folder, 'clock'));
    const processes: Process[] = [];
    const stop = async (): Promise<void> => {
      for (const running of processes.reverse()) await running.stop();
    };
    try {
      const sandboxUrl = await startSandbox(folder, clock, processes);
      const [database, forget] =
        variant === 'postgres' ? await freshDatabase(label) : [join(folder, 'mott.db'), async () => {}];
      const nodes = [await freePort(), ...(variant === 'postgres' ? [await freePort()] : [])];
      const front = nodes.length > 1 ? await freePort() : (nodes[0] as number);
      const url = `http://127.0.0.1:${front}`;
      const config = writeConfig(folder, url, database);
      const mott = binary('mott', 'MOTT_BIN');
      await command(mott, ['migrate', '--config', config]);
      await command(mott, [
        'apply',
        '--config',
        config,
        '-f',
        join(folder, 'sandbox/kit/platform.toml'),
        '-f',
        MERCHANT,
      ]);
      for (const node of nodes) {
        const words = ['serve', '--config', config, '--listen', `127.0.0.1:${node}`, '--test-clock', clock.file];
        const serving = Process.start('mott', mott, words, join(folder, `mott-${node}.log`));
        processes.push(serving);
        await serving.answers(`http://127.0.0.1:${node}/healthz`);
      }
      const nginx = nodes.length > 1 ? await Nginx.start(folder, front, nodes) : null;
      if (nginx) processes.push(nginx.process);
      return new World(variant, url, new Sandbox(sandboxUrl), clock, nginx, folder, config, processes, forget);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** A command of mott on this world's settings: how it ended, and what it printed. */
  async mott(words: string[]): Promise<{ status: number; out: string }> {
    return ended(binary('mott', 'MOTT_BIN'), [...words, '--config', this.config]);
  }

  /** `mott check`: the money rules on whatever the journeys have left. Fails with the rows that break them. */
  async check(): Promise<void> {
    await command(binary('mott', 'MOTT_BIN'), ['check', '--config', this.config]);
  }

  async stop(): Promise<void> {
    for (const running of this.processes.reverse()) await running.stop();
    await this.forget();
  }
}

async function startSandbox(folder: string, clock: Clock, processes: Process[]): Promise<string> {
  const [http, smtp] = [await freePort(), await freePort()];
  const words = ['serve', '--listen', `127.0.0.1:${http}`, '--smtp', `127.0.0.1:${smtp}`];
  words.push('--state', join(folder, 'sandbox'), '--clock', clock.file);
  const sandbox = Process.start('sandbox', binary('sandbox', 'SANDBOX_BIN'), words, join(folder, 'sandbox.log'));
  processes.push(sandbox);
  await sandbox.answers(`http://127.0.0.1:${http}/mailbox`);
  return `http://127.0.0.1:${http}`;
}

function writeConfig(folder: string, url: string, database: string): string {
  const file = join(folder, 'config.toml');
  const lines = {
    listen: url.replace('http://', ''),
    public_url: url,
    database,
    keyring: join(folder, 'keyring.toml'),
    behind_proxy: database.startsWith('postgres://'),
  };
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      .join(''),
  );
  return file;
}

/** A database of its own in the PostgreSQL that MOTT_TEST_POSTGRES names, and how to drop it. */
async function freshDatabase(label: string): Promise<[string, () => Promise<void>]> {
  const server = process.env.MOTT_TEST_POSTGRES;
  if (!server) throw new Error('MOTT_TEST_POSTGRES names no PostgreSQL; scripts/with-postgres.sh COMMAND makes one');
  const name = `e2e_${label}_${process.pid}`;
  await command('psql', [server, '-q', '-c', `CREATE DATABASE ${name}`]);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return [
    url.href,
    async () => void (await command('psql', [server, '-q', '-c', `DROP DATABASE ${name} WITH (FORCE)`])),
  ];
}

/** The first admin of the demo merchant, as its file says. */
export function demoLogin(): Login {
  const section =
    readFileSync(MERCHANT, 'utf8')
      .split(/^\[\[/m)
      .find((part) => part.startsWith('admin]]')) ?? '';
  const field = (key: string): string => section.match(new RegExp(`^${key}\\s*=\\s*"([^"]*)"`, 'm'))?.[1] ?? '';
  return { login: field('login'), password: field('password') };
}
