// The words of the admin API. Written by hand from the contract until openapi.json is generated;
// then this file alone changes, to aliases of the generated `paths` and `components`.

export interface ProblemFieldError {
  field: string;
  code: string;
  message: string;
  message_en: string;
}

/** RFC 9457, the one error shape of the server. */
export interface Problem {
  type: string;
  title: string;
  title_en: string;
  status: number;
  code: string;
  detail: string;
  detail_en: string;
  errors?: ProblemFieldError[];
  retry_at_ms?: number;
}

export interface Admin {
  admin_id: string;
  login: string;
  name: string;
  role: string;
  merchant_full_name: string;
  merchant_short_name: string;
}

export interface AdminSession {
  admin: Admin;
  csrf_token: string;
}

export interface OrgUnit {
  org_unit_id: string;
  parent_id: string | null;
  name: string;
}

export type MailState = 'queued' | 'accepted' | 'refused';

export interface ManagerMail {
  state: MailState;
  to: string;
  at_ms: number;
  reason: string | null;
}

export type ManagerStatus = 'active' | 'disabled';

export interface Manager {
  manager_id: string;
  name: string;
  mobile: string;
  email: string;
  org_unit_id: string;
  org_unit_name: string;
  status: ManagerStatus;
  bound: { kind: 'wechat' | 'browser'; at_ms: number } | null;
  last_login_at_ms: number | null;
  created_at_ms: number;
  mail: ManagerMail | null;
}

export interface NewManager {
  name: string;
  mobile: string;
  email: string;
  org_unit_id: string;
  password: string | null;
}

export interface RegisteredManager extends Manager {
  generated_password: string | null;
}

export interface AmountDefinition {
  label: string;
  mode: 'typed' | 'fixed';
  fixed_fen: number | null;
  min_fen: number;
  max_fen: number;
}

export type TextRule = 'none' | 'digits' | 'mobile';

export interface TextField {
  key: string;
  kind: 'text';
  label: string;
  required: boolean;
  help: string;
  max_length: number;
  rule: TextRule;
}

export interface ChoiceField {
  key: string;
  kind: 'choice';
  label: string;
  required: boolean;
  help: string;
  options: string[];
  multiple: boolean;
}

export type FieldDefinition = TextField | ChoiceField;

export interface FormDefinition {
  amount: AmountDefinition;
  fields: FieldDefinition[];
}

export interface FormSummary {
  form_id: string;
  name: string;
  version: number;
  updated_at_ms: number;
}

export interface Form extends FormSummary {
  definition: FormDefinition;
  updated_by: string;
}

export type OrderStatus = 'created' | 'pending' | 'paid' | 'closed';

export interface OrderSummary {
  order_id: string;
  order_no: string;
  created_at_ms: number;
  paid_at_ms: number | null;
  amount_fen: number;
  status: OrderStatus;
  manager_name: string;
  channel: string | null;
  title: string;
  code_name: string;
}

export interface Payment {
  payment_id: string;
  out_trade_no: string;
  trade_type: string;
  status: string;
  transaction_id: string | null;
  amount_fen: number;
  payer_total_fen: number | null;
  created_at_ms: number;
  success_at_ms: number | null;
  note: string | null;
}

export interface TimelineEntry {
  at_ms: number;
  kind: string;
  text: string;
}

export interface Order extends OrderSummary {
  fields: { label: string; value: string }[];
  payer_remark: string | null;
  form_version: number;
  expires_at_ms: number;
  payments: Payment[];
  timeline: TimelineEntry[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** One operation in the shape that openapi-typescript generates. */
type Operation<Ok, Query = undefined, Path = undefined, Body = undefined> = {
  parameters: (Query extends undefined ? unknown : { query?: Query }) &
    (Path extends undefined ? unknown : { path: Path });
  responses: {
    200: { content: { 'application/json': Ok } };
    default: { content: { 'application/problem+json': Problem } };
  };
} & (Body extends undefined ? { requestBody?: never } : { requestBody: { content: { 'application/json': Body } } });

type ById = { id: string };
type ListQuery = { q?: string; cursor?: string; limit?: number };

export interface paths {
  '/api/admin/login': {
    post: Operation<AdminSession, undefined, undefined, { login: string; password: string }>;
  };
  '/api/admin/session': { get: Operation<AdminSession> };
  '/api/admin/logout': { post: Operation<undefined> };
  '/api/admin/org-units': { get: Operation<{ items: OrgUnit[] }> };
  '/api/admin/managers': {
    get: Operation<Page<Manager>, ListQuery & { status?: ManagerStatus }>;
    post: Operation<RegisteredManager, undefined, undefined, NewManager>;
  };
  '/api/admin/managers/{id}': { get: Operation<Manager, undefined, ById> };
  '/api/admin/managers/{id}/disable': { post: Operation<Manager, undefined, ById> };
  '/api/admin/managers/{id}/enable': { post: Operation<Manager, undefined, ById> };
  '/api/admin/managers/{id}/unbind': { post: Operation<Manager, undefined, ById> };
  '/api/admin/managers/{id}/mail': { post: Operation<Manager, undefined, ById, { email: string }> };
  '/api/admin/forms': { get: Operation<{ items: FormSummary[] }> };
  '/api/admin/forms/{id}': {
    get: Operation<Form, undefined, ById>;
    put: Operation<Form, undefined, ById, { definition: FormDefinition; base_version: number }>;
  };
  '/api/admin/orders': { get: Operation<Page<OrderSummary>, ListQuery & { status?: OrderStatus }> };
  '/api/admin/orders/{id}': { get: Operation<Order, undefined, ById> };
}
