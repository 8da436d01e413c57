import { createClient, type Middleware } from '@mott/api-client';
import { networkProblem, toProblem } from './problem';
import type { AdminSession, FormDefinition, ManagerStatus, NewManager, OrderStatus, paths } from './types';

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
  },
};
