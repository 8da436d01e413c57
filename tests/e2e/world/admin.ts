// The console's API, for what a journey needs but does not show: other journeys show it in the browser.
export interface Login {
  login: string;
  password: string;
}

export interface ManagerLogin {
  name: string;
  mobile: string;
  password: string;
}

let next = 1;

export class Admin {
  private cookie = '';
  private csrf = '';

  constructor(
    private readonly url: string,
    readonly login: Login,
  ) {}

  /** Registers a manager nobody has met before. */
  async newManager(mobile?: string): Promise<ManagerLogin> {
    if (!this.csrf) await this.enter();
    const { items } = (await this.ask('GET', '/api/admin/org-units')) as { items: { org_unit_id: string }[] };
    const number = next++;
    const manager = {
      name: `经理${number}`,
      mobile: mobile ?? `139${String(number).padStart(8, '0')}`,
      password: `first-Password-${number}`,
    };
    const email = `manager${number}@example.test`;
    await this.ask('POST', '/api/admin/managers', { ...manager, email, org_unit_id: items[0]?.org_unit_id });
    return manager;
  }

  private async enter(): Promise<void> {
    const answer = await fetch(`${this.url}/api/admin/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(this.login),
    });
    if (!answer.ok) throw new Error(`admin login: ${answer.status} ${await answer.text()}`);
    this.cookie = answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    this.csrf = ((await answer.json()) as { csrf_token: string }).csrf_token;
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json', cookie: this.cookie, 'x-csrf-token': this.csrf };
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
