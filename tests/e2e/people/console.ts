// An admin at the console.
import { type Browser, expect, type Locator, type Page } from '@playwright/test';
import type { Login } from '../world/admin';

export interface Registered {
  name: string;
  mobile: string;
  email: string;
  org: string;
  password: string;
}

export class Console {
  private constructor(readonly page: Page) {}

  static async arrive(browser: Browser, url: string): Promise<Console> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 });
    const page = await context.newPage();
    await page.goto(`${url}/console/`);
    return new Console(page);
  }

  at(testid: string): Locator {
    return this.page.getByTestId(testid).filter({ visible: true });
  }

  async login({ login, password }: Login): Promise<void> {
    await this.at('login-name').fill(login);
    await this.at('login-password').fill(password);
    await this.at('login-submit').click();
    await expect(this.at('nav-managers')).toBeVisible();
  }

  async fillRegistration({ name, mobile, email, org, password }: Registered): Promise<void> {
    await this.at('nav-managers').click();
    await this.at('manager-new').click();
    await this.at('manager-name').fill(name);
    await this.at('manager-mobile').fill(mobile);
    await this.at('manager-email').fill(email);
    await this.at('manager-org').click();
    await this.page.locator('.ant-select-item-option').filter({ hasText: org }).click();
    await this.at('manager-password').fill(password);
  }

  managerRow(mobile: string): Locator {
    return this.at('manager-row').and(this.page.locator(`[data-mobile="${mobile}"]`));
  }

  orderRow(text: string): Locator {
    return this.at('order-row').filter({ hasText: text });
  }
}
