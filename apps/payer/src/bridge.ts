// The wallets' own paying windows. Their "ok" is not proof of payment, only a reason to ask the server.

interface WeChat {
  invoke(
    name: string,
    params: object,
    then: (result: { err_msg?: string; err_code?: string; err_desc?: string }) => void,
  ): void;
}

interface Alipay {
  call(name: string, params: object, then: (result: { resultCode?: string | number; memo?: string }) => void): void;
}

declare global {
  interface Window {
    WeixinJSBridge?: WeChat;
    AlipayJSBridge?: Alipay;
  }
}

const PATIENCE_MS = 8000;

/** A bridge, once the wallet has put it into the page. */
function bridge<N extends 'WeixinJSBridge' | 'AlipayJSBridge'>(name: N): Promise<NonNullable<Window[N]>> {
  return new Promise((found, lost) => {
    const look = (): void => {
      const here = window[name];
      if (here) found(here as NonNullable<Window[N]>);
    };
    look();
    document.addEventListener(`${name}Ready`, look);
    setTimeout(lost, PATIENCE_MS);
  });
}

export type Outcome = { how: 'ok' | 'cancel' | 'absent' } | { how: 'fail'; code: string; message: string };

/** Opens WeChat's paying window and waits until it is closed. */
export async function payByWeChat(params: object): Promise<Outcome> {
  const wechat = await bridge('WeixinJSBridge').catch(() => undefined);
  if (!wechat) return { how: 'absent' };
  return new Promise((done) => {
    wechat.invoke('getBrandWCPayRequest', params, ({ err_msg = '', err_code = '', err_desc = '' }) => {
      if (/:ok$/.test(err_msg)) done({ how: 'ok' });
      else if (/:cancel$/.test(err_msg)) done({ how: 'cancel' });
      else done({ how: 'fail', code: String(err_code || err_msg), message: err_desc || err_msg });
    });
  });
}

/** Opens Alipay's cashier and waits until it is closed. 8000 and 6004 say that nobody knows yet: so does our "ok". */
export async function payByAlipay(tradeNO: string): Promise<Outcome> {
  const alipay = await bridge('AlipayJSBridge').catch(() => undefined);
  if (!alipay) return { how: 'absent' };
  return new Promise((done) => {
    alipay.call('tradePay', { tradeNO }, ({ resultCode = '', memo = '' }) => {
      const code = String(resultCode);
      if (['9000', '8000', '6004'].includes(code)) done({ how: 'ok' });
      else if (['6001', '99'].includes(code)) done({ how: 'cancel' });
      else done({ how: 'fail', code, message: memo });
    });
  });
}
