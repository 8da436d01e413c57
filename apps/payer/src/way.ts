// Which way of paying this browser can take (PRODUCT 4). The server is told, it does not look.

export type Way = 'jsapi' | 'h5' | 'native' | 'scan';

/**
 * `has` lists what the accounts offer, by words (`wechatpay.jsapi`); what they lack is not offered. JSAPI only in a phone's WeChat itself: not in a mini program's web-view, not in 企业微信, not in WeChat on a desktop,
 * where it exists for some accounts only. H5 in a phone's own browser; other wallets' apps would refuse it. A desktop
 * shows a code; what is left is told to scan with WeChat.
 */
export function pickWay(agent: string, has: string): Way {
  const account = has.split(' ').map((word) => word.replace('wechatpay.', ''));
  const phone = /Android|iPhone|iPad|iPod|Mobile|HarmonyOS|OpenHarmony/i.test(agent);
  const wechat = /MicroMessenger/i.test(agent);
  if (/wxwork|miniProgram/i.test(agent)) return 'scan';
  if (wechat && phone) return 'jsapi';
  if (!phone) return account.includes('native') ? 'native' : 'scan';
  if (/AlipayClient|UnionPay|DingTalk|QQ\//i.test(agent)) return 'scan';
  return account.includes('h5') ? 'h5' : 'scan';
}

/** How long to wait before asking for the result again: every 2 s at first, then less and less, never giving up. */
export function pollDelay(asked: number): number {
  return asked < 5 ? 2000 : Math.min(30_000, Math.round(2000 * 1.5 ** (asked - 4)));
}

/** `2026-11-23 14:32:05` in Shanghai, whatever the phone's own zone is. */
export function shanghaiTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
