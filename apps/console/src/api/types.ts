// The admin API's words, by the names this console uses. The server's own description is where they come from: what it
// changes, the compiler finds here.
import type { components, paths } from '@mott/api-client';

type Schemas = components['schemas'];

export type { paths };
export type ProblemFieldError = Schemas['FieldProblem'];
/** RFC 9457, the one error shape of the server. */
export type Problem = Schemas['Problem'];
export type Admin = Schemas['AdminProfile'];
export type AdminSession = Schemas['AdminLoggedIn'];
export type OrgUnit = Schemas['OrgUnitItem'];
export type Manager = Schemas['Manager'];
export type ManagerStatus = Manager['status'];
export type ManagerMail = Schemas['ManagerMail'];
export type MailState = ManagerMail['state'];
export type NewManager = Schemas['NewManager'];
export type RegisteredManager = Schemas['RegisteredManager'];
export type AmountDefinition = Schemas['FormAmount'];
export type TextRule = Schemas['FormTextRule'];
export type FieldDefinition = Schemas['FormField'];
export type TextField = Extract<FieldDefinition, { kind: 'text' }>;
export type ChoiceField = Extract<FieldDefinition, { kind: 'choice' }>;
export type FormDefinition = Schemas['FormDefinition'];
export type FormSummary = Schemas['FormItem'];
export type Form = Schemas['FormDetail'];
export type OrderStatus = Schemas['OrderStatus'];
export type OrderSummary = Schemas['OrderSummary'];
export type Order = Schemas['OrderDetail'];
export type Payment = Schemas['OrderPayment'];
export type Refund = Schemas['RefundView'];
export type RefundStatus = Schemas['RefundStatus'];
export type RefundAction = Schemas['RefundAction'];
export type NewRefund = Schemas['NewRefund'];
export type InboxItem = Schemas['InboxItem'];
export type InboxDetail = Schemas['InboxDetail'];
export type InboxAction = Schemas['InboxAction'];
export type TimelineEntry = Schemas['TimelineEntry'];
