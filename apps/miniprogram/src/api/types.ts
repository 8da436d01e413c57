/**
 * The manager API's words, by the names this app uses. They come from the server's own description; only what the
 * WebSocket says, which no description covers, is written by hand. Ids are strings, `*_at_ms` UTC milliseconds,
 * `*_fen` fen.
 */
import type { components } from '../../../../packages/api-client/src/generated';

type Schemas = components['schemas'];

/** Who this device is: WeChat's login code in the mini program, a random key kept by the browser in H5. */
export type Identity = Schemas['Identity'];
export type ManagerProfile = Schemas['ManagerProfile'];
export type LoginRequest = Schemas['ManagerLogin'];
export type RenewRequest = Schemas['ManagerRenewal'];
export type LoginReply = Schemas['ManagerLoggedIn'];
/** How a login from another WeChat account or browser goes on: with a code by SMS. */
export type Verification = Schemas['Verification'];
export type CodeRequest = Schemas['CodeAsked'];
export type CodeReply = Schemas['CodeOnItsWay'];
export type RebindRequest = Schemas['CodeTyped'];
export type Today = Schemas['Today'];
export type TodaySum = Pick<Today, 'count' | 'sum_fen'>;
export type Code = Schemas['Code'];
export type CodeScreen = Schemas['CodeScreen'];
export type RefreshReply = Schemas['Refreshed'];
export type PaymentRecord = Schemas['Record'];
export type RecordPage = Schemas['RecordPage'];
export type RecordDetail = Schemas['RecordDetail'];
/** What goes back to the payer, or is asked to. */
export type RefundShown = Schemas['RefundShown'];
export type RefundRequest = Schemas['RecordRefund'];
/** Money of an own order that the back office must look at. */
export type Attention = Schemas['AttentionShown'];
/** The later login that pushed this device out (PRODUCT 3.1 挤出). */
export type Displaced = Schemas['Displaced'];
/** RFC 9457 problem+json; a proxy in between may say less than the server. */
export type Problem = Partial<Schemas['Problem']> & Pick<Schemas['Problem'], 'title' | 'status' | 'code'>;

export type LiveMessage =
  | { type: 'hello'; cursor: string }
  | { type: 'payment'; cursor: string; record: PaymentRecord; today: TodaySum }
  | { type: 'refund'; cursor: string; order_id: string; refund: RefundShown }
  | { type: 'attention'; cursor: string; item: Attention }
  | { type: 'displaced'; displaced: Displaced }
  | { type: 'ended' }
  | { type: 'ping' };
