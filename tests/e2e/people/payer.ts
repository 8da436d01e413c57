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
  alipay: {
    ...PHONE,
    userAgent: `${ANDROID} NebulaSDK/1.8.100112 Nebula AliApp(AP/10.6.0.8000) AlipayClient/10.6.0.8000 Language/zh-Hans`,
  },
  unionpay: { ...PHONE, userAgent: `${ANDROID} (com.unionpay.mobilepay) (UnionPay/1.0 CloudPay) (clientVersion 195)` },
  phone: { ...PHONE, userAgent: ANDROID },
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
};

export class Payer {
  /** What this person presses in the wallet's paying window. */
  mind: 'pay' | 'cancel' = 'pay';
  /** What the wallet answers instead, once. */
  refusal: object | null = null;

  private constructor(readonly page: Page) {}

  static async arrive(browser: Browser, kind: keyof typeof BROWSERS, sandbox: Sandbox): Promise<Payer> {
    const context = await browser.newContext(BROWSERS[kind]);
    const page = await context.newPage();
    const payer = new Payer(page);
    if (kind === 'wechat') await bringBridge(payer, sandbox);
    if (kind === 'alipay') await bringAlipay(payer, sandbox);
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

  /** Presses one of two wallets, where the order's page offers both. */
  async choose(wallet: 'wechatpay' | 'alipay'): Promise<void> {
    await this.page.locator(`.bar button[data-wallet="${wallet}"]:visible`).click();
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

/** The same in Alipay. */
async function bringAlipay(payer: Payer, sandbox: Sandbox): Promise<void> {
  const { page } = payer;
  await page.exposeFunction('alipayPays', async (parameters: { tradeNO: string }) => {
    const { refusal } = payer;
    payer.refusal = null;
    if (refusal) return refusal;
    const answer = await page.request.post(`${sandbox.url}/wallet/alipay/pay`, {
      data: { trade_no: parameters.tradeNO, cancel: payer.mind === 'cancel' },
    });
    return answer.json();
  });
  await page.addInitScript(() => {
    type Then = (result: object) => void;
    const wallet = (window as unknown as { alipayPays(parameters: object): Promise<object> }).alipayPays;
    const call = (name: string, parameters: object, then: Then): void => {
      if (name === 'tradePay') void wallet(parameters).then(then);
    };
    Object.assign(window, { AlipayJSBridge: { call } });
  });
}
