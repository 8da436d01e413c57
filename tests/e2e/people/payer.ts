// A payer with one of the browsers that scan codes.
import { type Browser, expect, type Page } from '@playwright/test';
import type { Sandbox } from '../world/sandbox';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
const ANDROID =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';

/** The browsers, as pages see them. */
export const BROWSERS = {
  wechat: {
    ...PHONE,
    userAgent: `${ANDROID} MicroMessenger/8.0.50.2701(0x28003253) WeChat/arm64 NetType/WIFI Language/zh_CN`,
  },
  phone: { ...PHONE, userAgent: ANDROID },
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
};

export class Payer {
  /** What this person presses in WeChat's paying window. */
  mind: 'pay' | 'cancel' = 'pay';

  private constructor(readonly page: Page) {}

  static async arrive(browser: Browser, kind: keyof typeof BROWSERS, sandbox: Sandbox): Promise<Payer> {
    const context = await browser.newContext(BROWSERS[kind]);
    const page = await context.newPage();
    const payer = new Payer(page);
    if (kind === 'wechat') await bringBridge(payer, sandbox);
    return payer;
  }

  /** Opens what was scanned; answers the status. */
  async open(url: string): Promise<number> {
    const answer = await this.page.goto(url);
    return answer?.status() ?? 0;
  }

  /** Fills in the form; keys are those of the form's fields. */
  async fill(amount: string, fields: Record<string, string>): Promise<void> {
    await this.page.getByTestId('amount').fill(amount);
    for (const [key, value] of Object.entries(fields)) {
      const field = this.page.getByTestId(`field-${key}`);
      const tag = await field.evaluate((element) => element.tagName);
      if (tag === 'FIELDSET') await field.getByLabel(value, { exact: true }).check();
      else if (tag === 'SELECT') await field.selectOption(value);
      else await field.fill(value);
    }
  }

  async press(): Promise<void> {
    await this.page.getByTestId('pay').click();
  }

  async expectReceipt(): Promise<void> {
    await expect(this.page.getByTestId('receipt').filter({ visible: true })).toBeVisible();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}

/** What WeChat puts into a page: its bridge, with a person behind it who decides at once. */
async function bringBridge(payer: Payer, sandbox: Sandbox): Promise<void> {
  const { page } = payer;
  await page.exposeFunction('walletPays', async (parameters: object) => {
    // By the browser's own request context, so that the wallet sees the cookie of whoever signed in.
    const answer = await page.request.post(`${sandbox.url}/wallet/jsapi`, {
      data: { ...parameters, cancel: payer.mind === 'cancel' },
    });
    return answer.json();
  });
  await page.addInitScript(() => {
    type Then = (result: object) => void;
    const wallet = (window as unknown as { walletPays(parameters: object): Promise<object> }).walletPays;
    const invoke = (name: string, parameters: object, then: Then): void => {
      if (name === 'getBrandWCPayRequest') void wallet(parameters).then(then);
    };
    Object.assign(window, { WeixinJSBridge: { invoke } });
  });
}
