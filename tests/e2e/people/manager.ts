// A business manager with a phone: the H5 twin of the mini program.
import { type Browser, expect, type Locator, type Page } from '@playwright/test';
import type { ManagerLogin } from '../world/admin';
import { scan } from './scan';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
/** Where the app keeps what this browser is to the server. */
const DEVICE_KEY = 'mott.device_key';

export class Manager {
  private constructor(readonly page: Page) {}

  /** Opens the app as somebody who is not logged in; `deviceKey` makes it the same device as another. */
  static async arrive(browser: Browser, url: string, deviceKey?: string): Promise<Manager> {
    const context = await browser.newContext(PHONE);
    if (deviceKey) {
      await context.addInitScript(([key, value]) => localStorage.setItem(key, value), [DEVICE_KEY, deviceKey] as const);
    }
    const page = await context.newPage();
    await page.goto(`${url}/m/`);
    return new Manager(page);
  }

  /** One of the screens' elements. Taro keeps earlier pages in the document, so only what is seen counts. */
  at(testid: string): Locator {
    return this.page.getByTestId(testid).filter({ visible: true });
  }

  async login({ mobile, password }: Pick<ManagerLogin, 'mobile' | 'password'>): Promise<void> {
    await this.at('home-login').click();
    await this.at('login-mobile').fill(mobile);
    await this.at('login-password').fill(password);
    await this.at('login-submit').click();
    await expect(this.at('home-today-sum')).toBeVisible();
  }

  /** Opens 收款码 and answers where the code leads, read from its picture. */
  async openCode(): Promise<string> {
    await this.at('home-code').click();
    return this.codeUrl();
  }

  async codeUrl(): Promise<string> {
    const shown = this.at('code-qr');
    await expect(shown).toHaveAttribute('data-url', /\/pay\/c/);
    const url = await scan(shown);
    expect(url).toBe(await shown.getAttribute('data-url'));
    return url;
  }

  /** Presses refresh and answers the new code's URL. */
  async refresh(): Promise<string> {
    const old = await this.at('code-qr').getAttribute('data-url');
    if (!(await this.at('code-refresh').isVisible())) await this.at('code-expand').click();
    await this.at('code-refresh').click();
    await expect(this.at('code-qr')).not.toHaveAttribute('data-url', old ?? '');
    return this.codeUrl();
  }

  async deviceKey(): Promise<string> {
    return (await this.page.evaluate((key) => localStorage.getItem(key), DEVICE_KEY)) ?? '';
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
