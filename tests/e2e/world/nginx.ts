// Debian's nginx in front of two nodes, as docs/operating shows it, and a log of which node answered what.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Process } from './process';

export interface Passed {
  node: number;
  path: string;
}

export class Nginx {
  private constructor(
    readonly process: Process,
    private readonly log: string,
    private readonly nodes: number[],
  ) {}

  static async start(folder: string, port: number, nodes: number[]): Promise<Nginx> {
    const home = join(folder, 'nginx');
    mkdirSync(home, { recursive: true });
    const log = join(home, 'access.log');
    const file = join(home, 'nginx.conf');
    writeFileSync(file, config(home, log, port, nodes));
    const program = process.env.NGINX ?? '/usr/sbin/nginx';
    const nginx = Process.start('nginx', program, ['-c', file, '-e', join(home, 'error.log')], join(home, 'nginx.log'));
    await nginx.answers(`http://127.0.0.1:${port}/healthz`);
    return new Nginx(nginx, log, nodes);
  }

  /** Every request that a node has answered, oldest first. */
  passed(): Passed[] {
    const lines = readFileSync(this.log, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [upstream = '', path = ''] = line.split(' ');
      return { node: this.nodes.indexOf(Number(upstream.split(':')[1])), path };
    });
  }
}

function config(home: string, log: string, port: number, nodes: number[]): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${home}/${kind};`);
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
daemon off;
${user}
worker_processes 1;
pid ${home}/nginx.pid;
events { worker_connections 512; }
http {
  ${temp.join(' ')}
  log_format passed '$upstream_addr $uri';
  access_log ${log} passed;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream mott {
    ${nodes.map((node) => `server 127.0.0.1:${node};`).join(' ')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://mott;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_next_upstream off;
    }
  }
}
`;
}
