import { type RecordFilter, recordsPath } from '../core/search';
import type { HttpReply, HttpRequest } from '../platform/types';
import { ApiError, errorFrom, networkError } from './errors';
import type {
  Attention,
  CodeReply,
  CodeRequest,
  CodeScreen,
  Displaced,
  Identity,
  LoginReply,
  LoginRequest,
  ManagerProfile,
  RebindRequest,
  RecordDetail,
  RecordPage,
  RefreshReply,
  RefundRequest,
  RefundShown,
  RenewRequest,
  Today,
} from './types';

/** What the client needs from outside; tests pass their own. */
export interface ApiDeps {
  base: string;
  send(request: HttpRequest): Promise<HttpReply>;
  getToken(): string | null;
  setSession(reply: LoginReply): void;
  identity(): Promise<Identity>;
  device(): string;
  onDisplaced(displaced: Displaced | null): void;
  onEnded(error: ApiError): void;
}

export type Api = ReturnType<typeof createApi>;

/** Every request of the app goes through here. */
export function createApi(deps: ApiDeps) {
  const once = makeOnce(deps);
  const renew = makeRenew(deps, once);

  async function call<T>(method: HttpRequest['method'], path: string, body?: object): Promise<T> {
    const token = deps.getToken();
    try {
      return (await once(method, path, token, body)) as T;
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      if (e.code === 'session.expired' && token) {
        const fresh = await renew(token);
        return (await once(method, path, fresh, body).catch((again) => settle(deps, again, fresh))) as T;
      }
      return settle(deps, e, token);
    }
  }

  const id = encodeURIComponent;
  return {
    async login(mobile: string, password: string): Promise<LoginReply> {
      const body: LoginRequest = { mobile, password, identity: await deps.identity(), device: deps.device() };
      const reply = (await once('POST', '/login', null, body)) as LoginReply;
      deps.setSession(reply);
      return reply;
    },
    /** Has a code sent to the account's mobile, after a login that was answered with a ticket. */
    async sendCode(ticket: string): Promise<CodeReply> {
      const body: CodeRequest = { ticket };
      return (await once('POST', '/session/code', null, body)) as CodeReply;
    },
    /** Brings the code back: this device is bound and logged in, the earlier one is pushed out. */
    async rebind(ticket: string, code: string): Promise<LoginReply> {
      const body: RebindRequest = { ticket, code, device: deps.device() };
      const reply = (await once('POST', '/session/rebind', null, body)) as LoginReply;
      deps.setSession(reply);
      return reply;
    },
    logout: () => once('POST', '/logout', deps.getToken()).then(() => undefined),
    me: () => call<ManagerProfile>('GET', '/me'),
    today: () => call<Today>('GET', '/today'),
    code: () => call<CodeScreen>('GET', '/collection-code'),
    refreshCode: () => call<RefreshReply>('POST', '/collection-code/refresh', {}),
    undoRefresh: (codeId: string) => call<CodeScreen>('POST', '/collection-code/undo-refresh', { code_id: codeId }),
    endCode: (codeId: string) => call<CodeScreen>('POST', `/collection-code/${id(codeId)}/end`, {}),
    records: (cursor: string | null, filter: RecordFilter) => call<RecordPage>('GET', recordsPath(cursor, filter)),
    record: (recordId: string) => call<RecordDetail>('GET', `/records/${id(recordId)}`),
    requestRefund: (recordId: string, body: RefundRequest) =>
      call<RefundShown>('POST', `/records/${id(recordId)}/refund`, body),
    attention: () => call<Attention[]>('GET', '/attention'),
  };
}

type Once = (method: HttpRequest['method'], path: string, token: string | null, body?: object) => Promise<unknown>;

function makeOnce(deps: ApiDeps): Once {
  return async (method, path, token, body) => {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers['Content-Type'] = 'application/json';
    const url = `${deps.base}/api/manager${path}`;
    const text = body && JSON.stringify(body);
    const reply = await deps.send({ method, url, headers, body: text }).catch(() => {
      throw networkError();
    });
    const json = parse(reply.body);
    if (reply.status >= 200 && reply.status < 300) return json;
    throw errorFrom(reply.status, json);
  };
}

/**
 * Renews an expired session without asking anybody (PRODUCT 3.1 "后续打开小程序将不再提示登录"). However many
 * requests find out at once, one renewal runs, and a token that was already replaced is not renewed again.
 */
function makeRenew(deps: ApiDeps, once: Once) {
  let running: Promise<string> | null = null;

  async function run(old: string): Promise<string> {
    try {
      const body: RenewRequest = { identity: await deps.identity(), device: deps.device() };
      const reply = (await once('POST', '/session/renew', old, body)) as LoginReply;
      deps.setSession(reply);
      return reply.token;
    } catch (e) {
      return settle(deps, e, old, true);
    }
  }

  return (old: string): Promise<string> => {
    const current = deps.getToken();
    if (current && current !== old) return Promise.resolve(current);
    running ??= run(old).finally(() => {
      running = null;
    });
    return running;
  };
}

/**
 * Tells the app that its session is over, and passes the error on. An answer to a token that is no longer ours says
 * nothing about the session we have now, so it is ignored.
 */
function settle(deps: ApiDeps, error: unknown, token: string | null, renewing = false): never {
  if (error instanceof ApiError && token && token === deps.getToken()) {
    const refused = error.status === 401 || error.code === 'manager.disabled' || (renewing && error.status === 403);
    if (error.code === 'session.displaced') deps.onDisplaced(error.problem?.displaced ?? null);
    else if (refused) deps.onEnded(error);
  }
  throw error;
}

function parse(body: string): unknown {
  if (!body) return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
