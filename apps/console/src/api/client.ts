import { createClient, type Middleware } from '@mott/api-client';
import { networkProblem, toProblem } from './problem';
import type {
  AdminSession,
  FormDefinition,
  ManagerStatus,
  NewManager,
  NewRefund,
  OrderStatus,
  paths,
  RefundStatus,
} from './types';

const PAGE_SIZE = 20;

// Held in memory only: a token in storage would outlive the session it belongs to.
let csrfToken = '';

const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
};

const http = createClient<paths>({ credentials: 'same-origin' });
http.use(csrf);

async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const result = await call.catch(() => {
    throw networkProblem();
  });
  if (!result.response.ok) throw toProblem(result.error, result.response.status);
  return result.data as T;
}

function keepToken(session: AdminSession): AdminSession {
  csrfToken = session.csrf_token;
  return session;
}

const byId = (id: string) => ({ params: { path: { id } } });
const byRefund = (id: string) => ({ params: { path: { refund_id: id } } });
const byItem = (id: string) => ({ params: { path: { inbox_id: id } } });
/** An empty filter is left out rather than sent as "". */
const filled = <T extends string>(value: T | ''): T | undefined => (value === '' ? undefined : value);

export interface ListFilter<Status extends string> {
  status: Status | '';
  q: string;
  cursor: string;
}

function listParams<Status extends string>(filter: ListFilter<Status>) {
  return {
    params: {
      query: {
        status: filled(filter.status),
        q: filled(filter.q),
        cursor: filled(filter.cursor),
        limit: PAGE_SIZE,
      },
    },
  };
}

/** Every call the console makes, by concept. Each throws a ProblemError. */
export const api = {
  login: (body: { login: string; password: string }) => answer(http.POST('/api/admin/login', { body })).then(keepToken),
  session: () => answer(http.GET('/api/admin/session')).then(keepToken),
  logout: () => answer(http.POST('/api/admin/logout')),
  orgUnits: () => answer(http.GET('/api/admin/org-units')),
  managers: {
    list: (filter: ListFilter<ManagerStatus>) => answer(http.GET('/api/admin/managers', listParams(filter))),
    get: (id: string) => answer(http.GET('/api/admin/managers/{id}', byId(id))),
    register: (body: NewManager) => answer(http.POST('/api/admin/managers', { body })),
    disable: (id: string) => answer(http.POST('/api/admin/managers/{id}/disable', byId(id))),
    enable: (id: string) => answer(http.POST('/api/admin/managers/{id}/enable', byId(id))),
    unbind: (id: string) => answer(http.POST('/api/admin/managers/{id}/unbind', byId(id))),
    reset: (id: string) =>
      answer(http.POST('/api/admin/managers/{id}/password', { ...byId(id), body: { password: null } })),
    sendMail: (id: string, email: string) =>
      answer(http.POST('/api/admin/managers/{id}/mail', { ...byId(id), body: { email } })),
  },
  forms: {
    list: () => answer(http.GET('/api/admin/forms')),
    get: (id: string) => answer(http.GET('/api/admin/forms/{form_id}', { params: { path: { form_id: id } } })),
    save: (id: string, definition: FormDefinition, baseVersion: number) =>
      answer(
        http.PUT('/api/admin/forms/{form_id}', {
          params: { path: { form_id: id } },
          body: { definition, base_version: baseVersion },
        }),
      ),
  },
  orders: {
    list: (filter: ListFilter<OrderStatus>) => answer(http.GET('/api/admin/orders', listParams(filter))),
    get: (id: string) => answer(http.GET('/api/admin/orders/{order_id}', { params: { path: { order_id: id } } })),
    refunds: (id: string) =>
      answer(http.GET('/api/admin/orders/{order_id}/refunds', { params: { path: { order_id: id } } })),
  },
  refunds: {
    list: (filter: ListFilter<RefundStatus>) =>
      answer(
        http.GET('/api/admin/refunds', {
          params: { query: { status: filled(filter.status), cursor: filled(filter.cursor), limit: PAGE_SIZE } },
        }),
      ),
    get: (id: string) => answer(http.GET('/api/admin/refunds/{refund_id}', byRefund(id))),
    request: (orderId: string, body: NewRefund) =>
      answer(http.POST('/api/admin/orders/{order_id}/refunds', { params: { path: { order_id: orderId } }, body })),
    approve: (id: string, words: string) =>
      answer(http.POST('/api/admin/refunds/{refund_id}/approve', { ...byRefund(id), body: { words } })),
    decline: (id: string, words: string) =>
      answer(http.POST('/api/admin/refunds/{refund_id}/decline', { ...byRefund(id), body: { words } })),
    redirect: (id: string, words: string) =>
      answer(http.POST('/api/admin/refunds/{refund_id}/redirect', { ...byRefund(id), body: { words } })),
    outside: (id: string, words: string) =>
      answer(http.POST('/api/admin/refunds/{refund_id}/outside', { ...byRefund(id), body: { words } })),
    retry: (id: string) => answer(http.POST('/api/admin/refunds/{refund_id}/retry', byRefund(id))),
  },
  inbox: {
    list: (filter: ListFilter<'open' | 'closed'>) =>
      answer(
        http.GET('/api/admin/inbox', {
          params: { query: { state: filled(filter.status), cursor: filled(filter.cursor), limit: PAGE_SIZE } },
        }),
      ),
    get: (id: string) => answer(http.GET('/api/admin/inbox/{inbox_id}', byItem(id))),
    claim: (id: string, words: string) =>
      answer(http.POST('/api/admin/inbox/{inbox_id}/claim', { ...byItem(id), body: { words } })),
    refund: (id: string, words: string) =>
      answer(http.POST('/api/admin/inbox/{inbox_id}/refund', { ...byItem(id), body: { words } })),
    explain: (id: string, words: string) =>
      answer(http.POST('/api/admin/inbox/{inbox_id}/explain', { ...byItem(id), body: { words } })),
  },
  todo: () => answer(http.GET('/api/admin/todo')),
};
