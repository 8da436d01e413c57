// `make run` and `make dev`: starts the pretend institution and mott, waits until both answer, says what to open, and
// ends them when it ends. State lies in one folder, so the next start goes on where this one stopped.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';

const { values: options } = parseArgs({
  options: { binaries: { type: 'string' }, state: { type: 'string' }, vite: { type: 'string' } },
});
if (!options.binaries || !options.state) {
  process.stderr.write('usage: node scripts/demo.mjs --binaries DIR --state DIR [--vite DIR]\n');
  process.exit(2);
}
const run = promisify(execFile);
const say = (text) => process.stdout.write(`${text}\n`);
const port = (name, usual) => Number(process.env[name] ?? usual);
const ports = {
  MOTT_PORT: port('MOTT_PORT', 8080),
  SANDBOX_PORT: port('SANDBOX_PORT', 8090),
  SANDBOX_SMTP_PORT: port('SANDBOX_SMTP_PORT', 8025),
};
const mottUrl = `http://127.0.0.1:${ports.MOTT_PORT}`;
const sandboxUrl = `http://127.0.0.1:${ports.SANDBOX_PORT}`;
const merchantFile = 'deploy/demo/merchant.toml';
const configFile = join(options.state, 'config.toml');
const demoFile = join(options.state, 'demo.json');
const sandboxState = join(options.state, 'sandbox');
const children = [];
let stopping = false;

class Refusal extends Error {}

async function main() {
  process.on('SIGINT', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  process.on('SIGHUP', () => stop(0));
  for (const [name, number] of Object.entries(ports)) await refuseTakenPort(name, number);
  mkdirSync(join(options.state, 'data'), { recursive: true });
  rmSync(demoFile, { force: true }); // it is there again when everything answers
  writeFileSync(configFile, config());

  const sandbox = ['serve', '--listen', `127.0.0.1:${ports.SANDBOX_PORT}`, '--smtp', `127.0.0.1:${ports.SANDBOX_SMTP_PORT}`];
  start('sandbox', [...sandbox, '--state', sandboxState, '--scenario-target', demoFile]);
  await answers(`${sandboxUrl}/mailbox`);
  await mott('migrate');
  await mott('apply', '-f', join(sandboxState, 'kit/platform.toml'), '-f', merchantFile);
  start('mott', ['serve', '--config', configFile]);
  await answers(`${mottUrl}/healthz`);
  if (options.vite) startChild('npm', ['run', 'dev', '--', '--host', '127.0.0.1'], { cwd: options.vite });

  const demo = await describe();
  writeFileSync(demoFile, `${JSON.stringify(demo, null, 2)}\n`);
  say(table(demo));
}

/** The listener is tried and let go, so that the message names the port and the cure instead of a stack. */
function refuseTakenPort(name, number) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () =>
      reject(new Refusal(`端口 ${number} 已被占用, 请换一个: ${name}=${number + 1} make run\n(port ${number} is taken; choose another with ${name})`)),
    );
    probe.listen(number, '127.0.0.1', () => probe.close(resolve));
  });
}

function config() {
  return [
    '# Written by scripts/demo.mjs at every start; config.example.toml explains each key.',
    `listen = "127.0.0.1:${ports.MOTT_PORT}"`,
    `public_url = "${mottUrl}"`,
    `database = "${join(options.state, 'data/mott.db')}"`,
    `keyring = "${join(options.state, 'keyring.toml')}"`,
    '',
  ].join('\n');
}

/** One command of mott, run to its end. Its words go to the reader only where it fails. */
async function mott(...words) {
  try {
    const { stdout } = await run(join(options.binaries, 'mott'), [...words, '--config', configFile]);
    return stdout.trim();
  } catch (error) {
    throw new Refusal(`mott ${words.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

const start = (name, words) => startChild(join(options.binaries, name), words, {});

function startChild(program, words, how) {
  // Where the kernel offers it, children end with us even if we are killed without a chance to say so.
  const dies = spawnSync('setpriv', ['--version']).status === 0 ? ['setpriv', '--pdeathsig', 'TERM', program] : [program];
  const child = spawn(dies[0], [...dies.slice(1), ...words], { ...how, stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', (error) => fail(`${program}: ${error.message}`));
  child.once('exit', (code, signal) => {
    child.gone = true;
    if (!stopping) fail(`${program} ended (${signal ?? code})`);
  });
  children.push(child);
}

/** Any answer counts: what is asked is whether somebody listens. */
async function answers(url) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    try {
      await fetch(url);
      return;
    } catch {
      await pause(50);
    }
  }
  throw new Refusal(`${url} 三十秒没有应答 (no answer within thirty seconds)`);
}

async function describe() {
  const { admin, manager } = logins();
  return {
    console_url: `${mottUrl}/console/`,
    payer_url: await mott('admin', 'collection-code', '--mobile', manager.mobile),
    manager_url: `${mottUrl}/m/`,
    sandbox_url: `${sandboxUrl}/wallet`,
    scenarios_url: `${sandboxUrl}/scenarios`,
    mailbox_url: `${sandboxUrl}/mailbox`,
    phone_url: `${sandboxUrl}/phone`,
    openapi_url: `${mottUrl}/openapi.json`,
    admin,
    manager,
  };
}

/** The first admin and the first manager of the demo merchant, as its file says. */
function logins() {
  const text = readFileSync(merchantFile, 'utf8');
  const field = (section, key) => {
    const found = text.match(new RegExp(`^\\[\\[${section}\\]\\](?:(?!^\\[)[^])*?^${key}\\s*=\\s*"([^"]*)"`, 'm'));
    if (!found) throw new Refusal(`${merchantFile}: no ${key} in the first [[${section}]]`);
    return found[1];
  };
  return {
    admin: { login: field('admin', 'login'), password: field('admin', 'password') },
    manager: { mobile: field('manager', 'mobile'), password: field('manager', 'password') },
  };
}

function table(demo) {
  return `
星收付已启动

  业务经理 (小程序的网页版)  ${demo.manager_url}
      手机号 ${demo.manager.mobile}   密码 ${demo.manager.password}
  付款客户 (扫收款码后看到)  ${demo.payer_url}
  系统后台                   ${demo.console_url}
      账号 ${demo.admin.login}   密码 ${demo.admin.password}
  模拟支付机构的钱包         ${demo.sandbox_url}
  让支付机构出状况 (情景)    ${demo.scenarios_url}
  模拟邮箱                   ${demo.mailbox_url}
  模拟短信                   ${demo.phone_url}
  接口文档                   ${demo.openapi_url}

数据在 ${options.state}, 下次启动接着用. 按 Ctrl-C 停止.`;
}

async function stop(status) {
  if (stopping) return;
  stopping = true;
  const alive = children.filter((child) => !child.gone && child.pid);
  const ended = alive.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of alive) child.kill('SIGTERM');
  const late = setTimeout(() => alive.forEach((child) => child.kill('SIGKILL')), 15_000);
  await Promise.all(ended);
  clearTimeout(late);
  rmSync(demoFile, { force: true }); // whoever waits for the next start must not find this one's
  process.exit(status);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  stop(1);
}

main().catch((error) => fail(error instanceof Refusal ? error.message : error.stack));
