import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../harness';

// A world of its own: it sends its short messages another way.
test.use({ label: 'sms' });

test('PRODUCT 3.1: a change of who sends short messages holds within seconds, without a restart', async ({ world }) => {
  const changed = join(world.folder, 'changed');
  cpSync(join(world.folder, 'sandbox/kit'), changed, { recursive: true });
  const platform = readFileSync(join(changed, 'platform.toml'), 'utf8')
    .replace(/^provider = "aliyun"$/m, 'provider = "tencent"\nsdk_app_id = "1400008888"\nregion = "ap-guangzhou"')
    .replace('SMS_400008888', '400008888');
  writeFileSync(join(changed, 'platform.toml'), platform);
  const applied = await world.mott(['apply', '-f', join(changed, 'platform.toml')]);
  expect(applied.out).toContain('~ sms settings');

  const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${world.url}/api/manager${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  /** A manager with a phone, then with another one: which provider carried the code. */
  const carrier = async (): Promise<string> => {
    const { mobile, password } = await world.admin.newManager();
    const login = (browser: string) =>
      ask('/login', { mobile, password, identity: { kind: 'browser', key: browser.repeat(32) } });
    await login('a');
    const { ticket } = (await login('b')).verification as { ticket: string };
    await ask('/session/code', { ticket });
    const text = await world.sandbox.sms(mobile);
    const answer = await fetch(`${world.sandbox.url}/phone/${mobile}/messages`);
    const [newest] = (await answer.json()) as { provider: string }[];
    const code = text.match(/\d{6}/)?.[0];
    expect(await ask('/session/rebind', { ticket, code })).toHaveProperty('token');
    return newest?.provider ?? '';
  };
  await expect.poll(carrier, { timeout: 20_000 }).toBe('tencent');
});
