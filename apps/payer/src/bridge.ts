// WeChat's own paying window. Its "ok" is not proof of payment, only a reason to ask the server.

export interface Bridge {
  invoke(
    name: string,
    params: object,
    then: (result: { err_msg?: string; err_code?: string; err_desc?: string }) => void,
  ): void;
}

declare global {
  interface Window {
    WeixinJSBridge?: Bridge;
  }
}

const PATIENCE_MS = 8000;

/** The bridge, once WeChat has put it into the page. */
function bridge(): Promise<Bridge> {
  return new Promise((found, lost) => {
    const look = (): void => {
      if (window.WeixinJSBridge) found(window.WeixinJSBridge);
    };
    look();
    document.addEventListener('WeixinJSBridgeReady', look);
    setTimeout(lost, PATIENCE_MS);
  });
}

export type Outcome = { how: 'ok' | 'cancel' | 'absent' } | { how: 'fail'; code: string };

/** Opens the paying window and waits until it is closed. */
export async function payByBridge(params: object): Promise<Outcome> {
  const wechat = await bridge().catch(() => undefined);
  if (!wechat) return { how: 'absent' };
  return new Promise((done) => {
    wechat.invoke('getBrandWCPayRequest', params, ({ err_msg = '', err_code, err_desc }) => {
      if (/:ok$/.test(err_msg)) done({ how: 'ok' });
      else if (/:cancel$/.test(err_msg)) done({ how: 'cancel' });
      else done({ how: 'fail', code: (err_desc || err_code || err_msg || 'unknown').slice(0, 60) });
    });
  });
}
