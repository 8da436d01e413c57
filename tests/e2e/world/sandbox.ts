// What a test asks of the pretend institution, platform and mailbox.
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

interface Callback {
  out_trade_no: string;
  state: string;
}

export class Sandbox {
  constructor(readonly url: string) {}

  /** Mails to one address, newest first. */
  async mails(to: string): Promise<Mail[]> {
    const answer = await fetch(`${this.url}/mailbox?to=${encodeURIComponent(to)}`, {
      headers: { accept: 'application/json' },
    });
    return (await answer.json()) as Mail[];
  }

  /** The out_trade_no of callbacks that were acknowledged, newest first. */
  async acknowledged(): Promise<string[]> {
    const answer = await fetch(`${this.url}/callbacks`);
    const all = (await answer.json()) as Callback[];
    return all.filter((callback) => callback.state === 'acknowledged').map((callback) => callback.out_trade_no);
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
}
