import { describe, expect, it } from 'vitest';
import { pickWay, pollDelay, shanghaiTime } from '../src/way';

const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148';
const android = 'Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36';
const desktop = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36';
const wechat = ' MicroMessenger/8.0.49(0x18003130) NetType/4G Language/zh_CN';

describe('which way this browser can pay (PRODUCT 4)', () => {
  it.each([
    ['WeChat on a phone', phone + wechat, 'jsapi'],
    ['WeChat on Android', `${android} XWEB/1160${wechat}`, 'jsapi'],
    ['a mini program’s web-view', `${phone}${wechat} miniProgram/wx8888888888888888`, 'scan'],
    ['企业微信', `${phone} wxwork/4.1.22${wechat}`, 'scan'],
    ['WeChat on a desktop', `${desktop}${wechat} WindowsWechat(0x63090b11)`, 'native'],
    ['a phone’s browser', android, 'h5'],
    ['Alipay', `${android} AlipayClient/10.6.0`, 'scan'],
    ['UnionPay', `${android} UnionPay/1.0 CloudPay`, 'scan'],
    ['a desktop', desktop, 'native'],
  ])('%s', (_, agent, way) => {
    expect(pickWay(agent, 'wechatpay.jsapi wechatpay.h5 wechatpay.native')).toBe(way);
  });

  it('does not offer what the account lacks', () => {
    expect(pickWay(android, 'wechatpay.jsapi wechatpay.native')).toBe('scan');
    expect(pickWay(phone + wechat, 'wechatpay.jsapi wechatpay.native')).toBe('jsapi');
    expect(pickWay(desktop, 'wechatpay.jsapi wechatpay.h5')).toBe('scan');
  });
});

describe('asking for the result (PRODUCT 6.5)', () => {
  it('every two seconds at first, then less often, never giving up', () => {
    const delays = Array.from({ length: 40 }, (_, asked) => pollDelay(asked));
    expect(delays.slice(0, 6)).toEqual([2000, 2000, 2000, 2000, 2000, 3000]);
    expect(delays.every((d, at) => at === 0 || d >= (delays[at - 1] ?? 0))).toBe(true);
    expect(delays[39]).toBe(30_000);
  });
});

it('shows times of Shanghai, whatever the phone says', () => {
  expect(shanghaiTime(Date.UTC(2026, 10, 23, 16, 0, 5))).toBe('2026-11-24 00:00:05');
});
