// What a test asks of the pretend institution, platform and mailbox.
import { setTimeout as pause } from 'node:timers/promises';

export interface Mail {
  mail_id: string;
  to: string;
  subject: string;
  text: string;
}

interface Callback {
  state: string;
}

export class Sandbox {
  constructor(readonly url: string) {}

  /** Mails to one address, newest first. */
  async mails(to: string): Promise<Mail[]> {
    const answer = await fetch(`${this.url}/mailbox/messages?to=${encodeURIComponent(to)}`);
    return (await answer.json()) as Mail[];
  }

  /** The newest message that a mobile got; waits until there are `count`. */
  async sms(mobile: string, count = 1): Promise<string> {
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline) {
      const answer = await fetch(`${this.url}/phone/${mobile}/messages`);
      const messages = (await answer.json()) as { text: string }[];
      if (messages.length >= count) return messages[0]?.text ?? '';
      await pause(50);
    }
    throw new Error(`${mobile} got fewer than ${count} messages within fifteen seconds`);
  }

  /** The institution does so once, at the next chance. */
  async misbehave(kind: string, more: object = {}): Promise<void> {
    const body = JSON.stringify({ kind, ...more });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}/faults`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${kind}: ${answer.status} ${await answer.text()}`);
  }

  /** How many callbacks were acknowledged. */
  async acknowledged(): Promise<number> {
    const answer = await fetch(`${this.url}/callbacks`);
    const all = (await answer.json()) as Callback[];
    return all.filter((callback) => callback.state === 'acknowledged').length;
  }

  /** Waits until more than `before` are acknowledged; answers when last they were not, which no commit was before. */
  async lastUnacknowledged(before: number): Promise<number> {
    const deadline = Date.now() + 15_000;
    let last = Date.now();
    while (Date.now() < deadline) {
      const asked = Date.now();
      if ((await this.acknowledged()) > before) return last;
      last = asked;
      await pause(10);
    }
    throw new Error('no callback was acknowledged within fifteen seconds');
  }

  /** A phone has scanned a payment code and its owner presses "pay"; answers the wallet's word. */
  async payScanned(codeUrl: string): Promise<string> {
    const answer = await fetch(`${this.url}/wallet/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code_url: codeUrl }),
    });
    return ((await answer.json()) as { err_msg: string }).err_msg;
  }

  /** The same with Alipay. */
  async payAlipay(qrCode: string): Promise<string> {
    const answer = await fetch(`${this.url}/wallet/alipay/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ qr_code: qrCode }),
    });
    return ((await answer.json()) as { resultCode: string }).resultCode;
  }
}
