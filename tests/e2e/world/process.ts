// Processes of a world: started with their words in a log, waited for by asking, ended by their own pid.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class Process {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {}

  static start(name: string, program: string, words: string[], log: string): Process {
    const out = openSync(log, 'a');
    return new Process(name, spawn(program, words, { stdio: ['ignore', out, out] }), log);
  }

  get gone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until `url` answers with a status that is no error of the server. */
  async answers(url: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline && !this.gone) {
      const answer = await fetch(url).catch(() => undefined);
      if (answer && answer.status < 500) return;
      await pause(25);
    }
    throw new Error(`${this.name} does not answer at ${url}:\n${readFileSync(this.log, 'utf8').slice(-4000)}`);
  }

  async stop(): Promise<void> {
    if (this.gone) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }
}

/** A command run to its end; answers what it printed. */
export async function command(program: string, words: string[]): Promise<string> {
  try {
    const { stdout } = await run(program, words);
    return stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as { stdout?: string; stderr?: string; message?: string };
    throw new Error(`${program} ${words.join(' ')}\n${stdout}${stderr || message}`);
  }
}

/** A command that may refuse: its exit code, and what it printed to be read. */
export async function ended(program: string, words: string[]): Promise<{ status: number; out: string }> {
  try {
    const { stdout } = await run(program, words);
    return { status: 0, out: stdout };
  } catch (error) {
    const { code, stdout = '' } = error as { code?: number; stdout?: string };
    return { status: code ?? -1, out: stdout };
  }
}
