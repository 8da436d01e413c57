// Which ways of paying this browser can take (PRODUCT 4). The server is told, it does not look.

export type Channel = 'wechatpay' | 'alipay';
export type Way = 'jsapi' | 'h5' | 'native';
export interface Offer {
  channel: Channel;
  way: Way;
}

/** What the page stands in, as far as paying goes. */
export type Place = 'wechat' | 'alipay' | 'app' | 'phone' | 'desktop';

const PHONE = /Android|iPhone|iPad|iPod|Mobile|HarmonyOS|OpenHarmony/i;
/** Apps whose own browsers no wallet opens from, or not reliably. `MQQBrowser/` and `QQBrowser/` are plain browsers. */
const APPS =
  /UnionPay|CloudPay|DingTalk|\bQQ\/|Feishu|Lark|Weibo|aweme|NewsArticle|ToutiaoMicroApp|baiduboxapp|xhsdiscover|Kwai|TaoBao|AliApp|JDApp|Meituan|BytedanceWebview/i;

/**
 * JSAPI only in WeChat itself on a phone: not in a mini program's web-view, not in 企业微信, which say `MicroMessenger`
 * as well, and not in WeChat on a desktop, where it exists for some accounts only. Alipay's mini programs cannot open
 * its cashier from a page either.
 */
export function placeOf(agent: string): Place {
  const phone = PHONE.test(agent);
  if (/MicroMessenger/i.test(agent)) {
    if (/wxwork|miniProgram/i.test(agent)) return 'app';
    return phone ? 'wechat' : 'desktop';
  }
  if (/AlipayClient/i.test(agent)) return phone && !/MiniProgram/i.test(agent) ? 'alipay' : 'app';
  if (APPS.test(agent)) return 'app';
  return phone ? 'phone' : 'desktop';
}

const WAYS: Record<Place, Offer[]> = {
  wechat: [{ channel: 'wechatpay', way: 'jsapi' }],
  alipay: [{ channel: 'alipay', way: 'jsapi' }],
  app: [],
  phone: [
    { channel: 'wechatpay', way: 'h5' },
    { channel: 'alipay', way: 'h5' },
  ],
  desktop: [
    { channel: 'wechatpay', way: 'native' },
    { channel: 'alipay', way: 'native' },
  ],
};

/** What can be paid with here; `has` lists what the accounts offer (`wechatpay.jsapi`). Nothing: another app must scan. */
export function offers(agent: string, has: string): Offer[] {
  const account = has.split(' ');
  return WAYS[placeOf(agent)].filter(({ channel, way }) => account.includes(`${channel}.${way}`));
}

/** The wallets that could scan this order's own code: they pay in their own browser then. */
export function scanners(has: string): Channel[] {
  const known: Channel[] = ['wechatpay', 'alipay'];
  return known.filter((channel) => has.split(' ').includes(`${channel}.jsapi`));
}

/** How long to wait before asking for the result again: every 2 s at first, then less and less, never giving up. */
export function pollDelay(asked: number): number {
  return asked < 5 ? 2000 : Math.min(30_000, Math.round(2000 * 1.5 ** (asked - 4)));
}

/** `2026-11-23 14:32:05` in Shanghai, whatever the phone's own zone is. */
export function shanghaiTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** `4:05`, of milliseconds that are left. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
