import { generateKeyPairSync } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../harness';
import { freePort } from '../world/process';

// A world of its own: it breaks what the others collect through.
test.use({ label: 'check' });

interface Line {
  about: string;
  check: string;
  verdict: 'good' | 'caution' | 'bad';
  found: { zh: string; en: string };
  cure: { zh: string; en: string } | null;
}

const PROVIDER = 'service_provider demo-sp';

test('mott check channels really calls, and names what is broken, one thing at a time', async ({ world }) => {
  const kit = join(world.folder, 'sandbox/kit');
  const broken = join(world.folder, 'broken');
  const file = (name: string): string => join(broken, name);

  /** Applies the kit with one thing changed, and asks. */
  const look = async (change: (platform: string) => string = (text) => text, words: string[] = []) => {
    const text = change(readFileSync(join(kit, 'platform.toml'), 'utf8'));
    writeFileSync(file('platform.toml'), text);
    const applied = await world.mott(['apply', '-f', file('platform.toml')]);
    expect(applied.status, applied.out).toBe(0);
    const { status, out } = await world.mott(['check', 'channels', '--json', ...words]);
    const lines = JSON.parse(out) as Line[];
    expect(status).toBe(1); // the address of this world is no public one
    return (check: string, about = PROVIDER): Line | undefined =>
      lines.find((line) => line.check === check && line.about === about);
  };
  const write = (name: string, text: string): void => writeFileSync(file(name), text);
  cpSync(kit, broken, { recursive: true });

  await test.step('nothing is broken but the address, which no institution can reach', async () => {
    const found = await look();
    for (const check of ['network', 'credentials', 'signature', 'seal', 'clock', 'keys', 'callback.reachable']) {
      expect(found(check), check).toMatchObject({ verdict: 'good' });
    }
    expect(found('callback.address')).toMatchObject({ verdict: 'bad' });
    const { out } = await world.mott(['check', 'channels']);
    expect(out).toContain('微信支付认得我们的签名');
    expect(out).toMatch(/好 {3}.+ \/ .+：微信支付允许我们为这个商户收款/);
    expect(out).toMatch(/坏 {3}.*回调地址 http:\/\/127.0.0.1/);
    const english = await world.mott(['check', 'channels', '--lang', 'en']);
    expect(english.out).toContain('WeChat Pay believes our signature');
  });

  await test.step('another merchant key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    write('apiclient_key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    const found = await look();
    expect(found('credentials')).toMatchObject({ verdict: 'bad' });
    expect(found('credentials')?.found.zh).toContain('SIGN_ERROR');
    expect(found('credentials')?.cure?.zh).toContain('merchant_serial');
    cpSync(kit, broken, { recursive: true });
  });

  await test.step('another serial', async () => {
    const found = await look((text) => text.replace(/merchant_serial = ".*"/, `merchant_serial = "${'1'.repeat(40)}"`));
    expect(found('credentials')).toMatchObject({ verdict: 'bad' });
    expect(found('credentials')?.found.zh).toContain('序列号');
  });

  await test.step('another APIv3 key', async () => {
    write('apiv3_key.txt', 'x'.repeat(32));
    const found = await look();
    expect(found('credentials')).toMatchObject({ verdict: 'good' });
    expect(found('seal')).toMatchObject({ verdict: 'bad' });
    cpSync(kit, broken, { recursive: true });
  });

  await test.step('another public key of the institution', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    write('wechatpay_public_key.pem', publicKey.export({ type: 'spki', format: 'pem' }) as string);
    const found = await look();
    expect(found('signature')).toMatchObject({ verdict: 'bad' });
    cpSync(kit, broken, { recursive: true });
  });

  await test.step('a clock two minutes away, then six', async () => {
    for (const [minutes, verdict] of [
      [2, 'caution'],
      [6, 'bad'],
    ] as const) {
      write('clock', String(Date.now() + minutes * 60_000));
      const found = await look(undefined, ['--test-clock', file('clock')]);
      expect(found('clock'), `${minutes} minutes`).toMatchObject({ verdict });
    }
  });

  await test.step('a host where nobody listens', async () => {
    const port = await freePort();
    const found = await look((text) => text.replace(/base_url = ".*"/, `base_url = "http://127.0.0.1:${port}"`));
    expect(found('network')).toMatchObject({ verdict: 'bad' });
    expect(found('credentials')).toBeUndefined();
  });

  await test.step('a merchant whom the institution does not know', async () => {
    const merchant = `[merchant]\nkey = "stranger"\nfull_name = "陌生商户"\n[[channel_account]]\nsub_mchid = "1999999999"\n`;
    write('merchant.toml', merchant);
    const applied = await world.mott(['apply', '-f', file('merchant.toml')]);
    expect(applied.status, applied.out).toBe(0);
    const found = await look();
    expect(found('merchant', '陌生商户 / main')).toMatchObject({ verdict: 'bad' });
    expect(found('merchant', '陌生商户 / main')?.found.zh).toContain('MCH_NOT_EXISTS');
  });

  await test.step('Alipay: all is right, then another key of the application, another key of Alipay, a leave taken back', async () => {
    const PID = '2088000000000111';
    const provider = `
[[service_provider]]
key = "ali"
channel = "alipay"
app_id = "${readFileSync(join(kit, 'alipay_app_id.txt'), 'utf8').trim()}"
gateway_url = "${world.sandbox.url}/gateway.do"
oauth_url = "${world.sandbox.url}/oauth2/publicAppAuthorize.htm"
app_private_key_file = "alipay_app_private_key.pem"
alipay_public_key_files = ["alipay_public_key.pem"]
`;
    const added = (text: string): string => `${text}\n${provider}`;
    const leave = async (name: string): Promise<void> => {
      const merchant = `[merchant]\nkey = "ali-merchant"\nfull_name = "支付宝商户"\n[[channel_account]]\nchannel = "alipay"\nprovider = "ali"\nseller_id = "${PID}"\napp_auth_token_file = "${name}"\n`;
      write('ali.toml', merchant);
      const applied = await world.mott(['apply', '-f', file('ali.toml')]);
      expect(applied.status, applied.out).toBe(0);
    };
    const ALI = 'service_provider ali';
    const ACCOUNT = '支付宝商户 / main';
    await look(added);
    await leave(`alipay_app_auth_token_${PID}.txt`);
    const right = await look(added);
    for (const check of ['network', 'credentials', 'signature', 'clock', 'keys']) {
      expect(right(check, ALI), check).toMatchObject({ verdict: 'good' });
    }
    expect(right('merchant', ACCOUNT)).toMatchObject({ verdict: 'good' });

    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    write('alipay_app_private_key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    expect((await look(added))('credentials', ALI)).toMatchObject({ verdict: 'bad' });
    cpSync(kit, broken, { recursive: true });

    write('taken-back.txt', 'x'.repeat(40));
    await leave('taken-back.txt');
    expect((await look(added))('merchant', ACCOUNT)).toMatchObject({ verdict: 'bad' });

    // Last, since a key of before is believed for thirty days more: a provider that never had the right one.
    write('alipay_public_key.pem', publicKey.export({ type: 'spki', format: 'pem' }) as string);
    const stranger = await look((text) => added(text).replace('key = "ali"', 'key = "ali-two"'));
    expect(stranger('signature', 'service_provider ali-two')).toMatchObject({ verdict: 'bad' });
  });
});
