/**
 * The shapes of the manager API. Everything the app knows of the server's JSON is in this one file, so that the
 * types generated from /openapi.json can take its place. Ids are strings, `*_at_ms` UTC milliseconds, `*_fen` fen.
 */

/** Who this device is: WeChat's login code in the mini program, a random key kept by the browser in H5. */
export type Identity = { kind: 'wechat'; code: string } | { kind: 'browser'; key: string };

export interface ManagerProfile {
  manager_id: string;
  name: string;
  /** Masked by the server: 138****2176. */
  mobile: string;
  email: string;
  org_unit_name: string;
  merchant_full_name: string;
  merchant_short_name: string;
  platform_name: string;
}

export interface LoginRequest {
  mobile: string;
  password: string;
  identity: Identity;
  device: string;
}

export interface RenewRequest {
  identity: Identity;
  device: string;
}

export interface LoginReply {
  token: string;
  expires_at_ms: number;
  manager: ManagerProfile;
}

export interface TodaySum {
  count: number;
  sum_fen: number;
}

export interface Today extends TodaySum {
  /** Business day in Asia/Shanghai, 2026-11-23. */
  day: string;
}

export interface Code {
  code_id: string;
  short_id: string;
  url: string;
  name: string;
  kind: 'default' | 'extra' | 'plaque';
  state: 'live' | 'superseded' | 'ended';
  expires_at_ms: number | null;
  last_scanned_at_ms: number | null;
  created_at_ms: number;
}

export interface CodeScreen {
  code: Code;
  superseded: Code[];
  merchant_full_name: string;
  manager_name: string;
}

export interface RefreshReply extends CodeScreen {
  undo_until_ms: number;
}

export interface PaymentRecord {
  record_id: string;
  order_id: string;
  amount_fen: number;
  title: string;
  subtitle: string;
  code_name: string;
  channel: string;
  state: string;
  paid_at_ms: number;
}

export interface RecordPage {
  records: PaymentRecord[];
  next_before: string | null;
}

export interface RecordDetail extends PaymentRecord {
  fields: { label: string; value: string }[];
  payer_remark: string | null;
  order_no: string;
  transaction_id: string;
  payer_total_fen: number | null;
  created_at_ms: number;
  code_short_id: string;
}

/** The later login that pushed this device out (PRODUCT 3.1 挤出). */
export interface Displaced {
  at_ms: number;
  device: string;
  network: string;
}

/** RFC 9457 problem+json as the server writes it. */
export interface Problem {
  title: string;
  detail?: string;
  status: number;
  code: string;
  errors?: { field: string; code: string; message: string }[];
  retry_at_ms?: number;
  displaced?: Displaced;
}

export type LiveMessage =
  | { type: 'hello'; cursor: string }
  | { type: 'payment'; cursor: string; record: PaymentRecord; today: TodaySum }
  | { type: 'displaced'; displaced: Displaced }
  | { type: 'ended' }
  | { type: 'ping' };
