import type { ApiError } from '../api/errors';
import type { Attention, PaymentRecord, RefundShown } from '../api/types';
import { moment } from './time';

/** What stands under the login button, in words that say what to do. `nowMs` counts the wait down. */
export function loginErrorText(error: ApiError, nowMs: number): string {
  const retryAt = error.problem?.retry_at_ms;
  switch (error.code) {
    case 'login.wrong':
      return '手机号或密码不对。密码在登记时发到你邮箱的邮件里，也可以请管理员重设。';
    case 'login.throttled':
    case 'login.locked':
      return retryAt ? waitText(retryAt, nowMs) : '尝试次数太多，请稍后再试。';
    case 'login.other_identity':
      return '这个账号已绑定另一个微信或浏览器。请在原来的设备上登录，或请管理员解除绑定后再登录。';
    case 'manager.disabled':
      return '这个账号已停用，请联系管理员。';
    default:
      return `${error.message.replace(/。$/, '')}。`;
  }
}

/** What stands at the code's field or above its button. */
export function codeErrorText(error: ApiError, nowMs: number): string {
  const field = error.problem?.errors?.find((wrong) => wrong.field === 'code');
  if (field) return `${field.message.replace(/。$/, '')}。`;
  const retryAt = error.problem?.retry_at_ms;
  switch (error.code) {
    case 'code.too_soon':
      return '验证码刚刚发过，请先查看短信，一分钟后可以重新获取。';
    case 'code.too_many':
      return retryAt
        ? `一天内获取验证码的次数已用完，请在 ${moment(retryAt + 59_999, nowMs)} 之后再试，或请管理员解除绑定。`
        : '一天内获取验证码的次数已用完，请稍后再试，或请管理员解除绑定。';
    default:
      return `${error.message.replace(/。$/, '')}。`;
  }
}

function waitText(retryAtMs: number, nowMs: number): string {
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  if (seconds <= 0) return '尝试次数太多，现在可以再试一次。';
  if (seconds <= 60) return `尝试次数太多，请\u2009${seconds}\u2009秒后再试。`;
  return `尝试次数太多，为保护账号已暂停登录，请在 ${moment(retryAtMs + 59_999, nowMs)} 之后再试。`;
}

/** Why the home page is suddenly logged out. */
export function endedText(error: ApiError): string {
  if (error.code === 'manager.disabled') return '你的账号已停用，请联系管理员。';
  if (error.code === 'login.other_identity') return '这个账号已改绑另一台设备，请重新登录或联系管理员。';
  return '登录已结束，请重新登录。';
}

const CHANNELS: Record<string, string> = { wechatpay: '微信支付', alipay: '支付宝' };

export function channelName(channel: string): string {
  return CHANNELS[channel] ?? channel;
}

const REFUNDS: Record<RefundShown['status'], string> = {
  requested: '待公司审批',
  outside: '线下退款待复核',
  approved: '退款处理中',
  unknown: '退款处理中',
  processing: '退款处理中',
  not_enough: '待公司充值后退款',
  abnormal: '退款被退回，公司处理中',
  redirecting: '退到公司账户，由公司转给付款人',
  succeeded: '已退款',
  declined: '公司已驳回',
  refused: '支付机构未受理',
  closed: '退款已关闭',
};

export function refundName(refund: Pick<RefundShown, 'status'>): string {
  return REFUNDS[refund.status];
}

const ATTENTION: Record<string, string> = {
  late: '订单关闭后到账',
  duplicate: '客户重复付款',
  misfit: '到账金额与订单不符',
  refund_found: '公司在支付机构直接退款',
  refund_misfit: '退款消息不符',
  refund_waiting: '退款待公司充值',
  refund_abnormal: '退款被退回',
  disputed: '客户说不是他要付的',
};

export function attentionName(item: Pick<Attention, 'kind'>): string {
  return ATTENTION[item.kind] ?? '需要公司核对';
}

const BOOKED: Record<string, string> = { late: '订单关闭后到账，公司已认领', duplicate: '重复付款，公司已认领' };

/** Says how money that was no plain payment came to be on record. */
export function bookedNote(record: Pick<PaymentRecord, 'booked'>): string | null {
  return BOOKED[record.booked] ?? null;
}

const STATES: Record<string, string> = { paid: '已收款', partly_refunded: '部分退款', refunded: '已退款' };

export function stateName(record: Pick<PaymentRecord, 'state'>): string {
  return STATES[record.state] ?? record.state;
}
