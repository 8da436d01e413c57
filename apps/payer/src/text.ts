// Every sentence that the scripts of the payer's pages say, in one place. The server's own are in `page/text.rs`.
import type { Channel } from './way';

/** The wallets as people call them. */
const APP: Record<Channel, string> = { wechatpay: '微信', alipay: '支付宝' };
const scanners = (channels: Channel[]): string => channels.map((c) => APP[c]).join('或') || '微信';

export const T = {
  app: APP,
  pay: '付款',
  wallet: { wechatpay: '微信支付', alipay: '支付宝付款' } as Record<Channel, string>,
  retry: '再试一次',
  busy: '正在提交…',
  amountEmpty: '请填写付款金额',
  amountNotANumber: '金额只能是数字，例如 1280.00',
  amountTooPrecise: '金额最多两位小数',
  amountTooSmall: (yuan: string) => `金额最少 ${yuan} 元`,
  amountTooLarge: (yuan: string) => `金额最多 ${yuan} 元`,
  required: (label: string) => `请填写${label}`,
  choose: (label: string) => `请选择${label}`,
  tooLong: (max: number, has: number) => `最多 ${max} 个字，现在有 ${has} 个`,
  digits: (label: string) => `${label}只能填数字`,
  mobile: (label: string) => `${label}应为 11 位数字`,
  summary: (count: number) => `有 ${count} 处需要修改`,
  network: '网络不通，填写的内容都在。请检查网络后再试一次。',
  server: '系统繁忙，填写的内容都在。请稍后再试一次。',
  opening: (c: Channel) => `正在打开${APP[c]}…`,
  toPay: '待付款',
  choice: '请选择付款方式',
  waiting: '正在确认付款结果…',
  waitingLong: '仍在确认付款结果。若钱包已扣款，请勿重复支付，结果会自动显示。',
  returned: (c?: Channel) => `请在${c ? APP[c] : '钱包'}中完成付款`,
  cancelled: '已取消，可以继续支付',
  scan: '等待扫码付款',
  scanWith: (channels: Channel[]) => `请用${scanners(channels)}扫一扫`,
  openWallet: (c: Channel) => `打开手机${APP[c]}，扫码付款`,
  scanInstead: (channels: Channel[]) => `此浏览器不能直接付款，请用${scanners(channels)}扫一扫打开收款码。`,
  scanHint: (channels: Channel[]) =>
    `此浏览器不能付款。长按保存二维码，再用${scanners(channels)}扫一扫从相册打开；填写的内容都在。`,
  scanExpired: '二维码已过期，请重新获取',
  newCode: '重新获取二维码',
  within: (time: string) => `请在 ${time} 内完成付款`,
  held: (c: Channel) => `刚才的${APP[c]}付款还没有结束。可以继续完成它，或等它失效后再换一种；不会重复扣款。`,
  left: (time: string) => `剩余 ${time}`,
  goOn: (c: Channel) => `继续用${APP[c]}付款`,
  other: (c: Channel) => `改用${APP[c]}`,
  copied: (channels: Channel[]) => `已复制，请到${scanners(channels)}中打开`,
  noBridge: (c: Channel) => `没有连上${APP[c]}。请关闭此页，重新扫码后再付款。`,
  signInAgain: '没有确认付款人，请再按一次支付。',
  noWallet: '支付渠道暂时没有应答，没有扣款。请稍后再试一次。',
  networkOrder: '网络不通，没有打开钱包。请检查网络后再试一次。',
  refused: (code: string) => `钱包没有完成支付（${code}）。请再试一次，仍不行请联系业务经理。`,
};
