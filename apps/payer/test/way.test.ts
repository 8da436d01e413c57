import { describe, expect, it } from 'vitest';
import { left, offers, placeOf, pollDelay, scanners, shanghaiTime } from '../src/way';

// As the apps and browsers themselves say it.
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const SAFARI = `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`;
const ANDROID =
  'Mozilla/5.0 (Linux; Android 14; V2309A Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0';
const CHROME =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';
const HARMONY =
  'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300';
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const ALL = 'wechatpay.jsapi wechatpay.h5 wechatpay.native alipay.jsapi alipay.h5 alipay.native';

const said = (agent: string, has = ALL): string[] => offers(agent, has).map(({ channel, way }) => `${channel}.${way}`);

describe('what this browser is (PRODUCT 4)', () => {
  it.each([
    [
      'WeChat on an iPhone',
      `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/4G Language/zh_CN`,
      'wechat',
    ],
    [
      'WeChat on Android',
      `${ANDROID} Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MMWEBID/9873 MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64 Weixin NetType/5G Language/zh_CN ABI/arm64`,
      'wechat',
    ],
    [
      'a mini program’s web-view on an iPhone',
      `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/WIFI Language/zh_CN miniProgram/wx8888888888888888`,
      'app',
    ],
    [
      'a mini program’s web-view on Android',
      `${ANDROID} Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64 miniProgram/wx8888888888888888`,
      'app',
    ],
    [
      '企业微信 on a phone',
      `${IPHONE} Mobile/15E148 wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh ColorScheme/Light`,
      'app',
    ],
    [
      '企业微信 on a desktop',
      `${WINDOWS} wxwork/4.1.22 (MicroMessenger/6.2) WindowsWechat WeCom MiniProgramEnv/Windows`,
      'app',
    ],
    [
      'WeChat on Windows',
      `${WINDOWS} NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090b11) XWEB/9185 Flue`,
      'desktop',
    ],
    ['WeChat on a Mac', `${MAC} MicroMessenger/6.8.0(0x16080000) MacWechat/3.8.7(0x13080712) NetType/WIFI`, 'desktop'],
    [
      'Alipay on Android',
      `${ANDROID} MYWeb/1.3.126.240522141707 UWS/3.22.2.9999 UCBS/3.22.2.9999_220000000000 Mobile Safari/537.36 NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI,ws:411|0|2.625) AliApp(AP/10.6.0.8000) AlipayClient/10.6.0.8000 Language/zh-Hans useStatusBar/true isConcaveScreen/true`,
      'alipay',
    ],
    [
      'Alipay on an iPhone',
      `${IPHONE} Mobile/15E148 Ariver/1.1.0 AliApp(AP/10.6.0.6000) Nebula WK RVKType(0) AlipayDefined(nt:4G,ws:390|780|3.0) AlipayClient/10.6.0.6000 Language/zh-Hans Region/CN NebulaX/1.0.0`,
      'alipay',
    ],
    [
      'a mini program’s web-view in Alipay',
      `${IPHONE} Mobile/15E148 Ariver/1.1.0 AliApp(AP/10.6.0.6000) Nebula WK RVKType(0) AlipayDefined(nt:4G,ws:390|780|3.0) AlipayClient/10.6.0.6000 MiniProgram APXWebView Language/zh-Hans`,
      'app',
    ],
    [
      'UnionPay’s app',
      `${ANDROID} Mobile Safari/537.36/(com.unionpay.mobilepay)(com.unionpay) (updebug 0) (version 1005) (UnionPay/1.0 CloudPay) (clientVersion 195) (language zh_CN)`,
      'app',
    ],
    [
      'DingTalk',
      `${IPHONE} Mobile/15E148 AliApp(DingTalk/7.5.20) com.laiwang.DingTalk/32586742 Channel/201200 language/zh-Hans-CN WK`,
      'app',
    ],
    [
      'QQ',
      `${IPHONE} Mobile/15E148 QQ/9.0.56.610 V1_IPH_SQ_9.0.56_1_APP_A Pixel/1170 MiniAppEnable SimpleUISwitch/0`,
      'app',
    ],
    ['Weibo', `${IPHONE} Mobile/15E148 Weibo (iPhone14,5__weibo__14.5.2__iphone__os17.5)`, 'app'],
    [
      'Douyin',
      `${ANDROID} Mobile Safari/537.36 aweme_300101 JsSdk/1.0 NetType/WIFI Channel/douyin ByteLocale/zh-CN`,
      'app',
    ],
    ['Feishu', `${IPHONE} Mobile/15E148 LarkLocale/zh_CN ChannelName/Feishu Lark/7.17.6`, 'app'],
    ['Safari on an iPhone', SAFARI, 'phone'],
    ['Chrome on Android', CHROME, 'phone'],
    ['QQ’s browser', `${ANDROID} MQQBrowser/14.9 Mobile Safari/537.36`, 'phone'],
    ['HarmonyOS', HARMONY, 'phone'],
    ['Windows', WINDOWS, 'desktop'],
    ['a Mac', `${MAC} Version/17.5 Safari/605.1.15`, 'desktop'],
  ])('%s', (_, agent, place) => {
    expect(placeOf(agent)).toBe(place);
  });
});

describe('which wallets it offers (PRODUCT 4)', () => {
  it('each wallet in itself, both in a plain browser, none in somebody else’s app', () => {
    expect(said(`${IPHONE} Mobile/15E148 MicroMessenger/8.0.49`)).toEqual(['wechatpay.jsapi']);
    expect(said(`${IPHONE} Mobile/15E148 AlipayClient/10.6.0`)).toEqual(['alipay.jsapi']);
    expect(said(SAFARI)).toEqual(['wechatpay.h5', 'alipay.h5']);
    expect(said(WINDOWS)).toEqual(['wechatpay.native', 'alipay.native']);
    expect(said(`${IPHONE} Mobile/15E148 QQ/9.0.56.610`)).toEqual([]);
  });

  it('does not offer what the accounts lack', () => {
    expect(said(SAFARI, 'wechatpay.jsapi alipay.h5')).toEqual(['alipay.h5']);
    expect(said(SAFARI, 'wechatpay.jsapi wechatpay.native')).toEqual([]);
    expect(said(`${IPHONE} Mobile/15E148 AlipayClient/10.6.0`, 'wechatpay.jsapi')).toEqual([]);
    expect(said(WINDOWS, '')).toEqual([]);
  });

  it('names the wallets that could scan instead', () => {
    expect(scanners(ALL)).toEqual(['wechatpay', 'alipay']);
    expect(scanners('alipay.jsapi alipay.native')).toEqual(['alipay']);
    expect(scanners('')).toEqual([]);
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

it('shows what is left in minutes and seconds', () => {
  expect([left(299_001), left(60_000), left(59_999), left(0), left(-5)]).toEqual([
    '5:00',
    '1:00',
    '1:00',
    '0:00',
    '0:00',
  ]);
});
