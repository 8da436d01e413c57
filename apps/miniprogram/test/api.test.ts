import { beforeEach, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../src/api/client';
import { type ApiError, errorFrom } from '../src/api/errors';
import type { Displaced } from '../src/api/types';
import type { HttpReply, HttpRequest } from '../src/platform/types';

const manager = { manager_id: '1', name: '张伟' };
const ok = (body: unknown): HttpReply => ({ status: 200, body: JSON.stringify(body) });
const problem = (status: number, code: string, more: object = {}): HttpReply => ({
  status,
  body: JSON.stringify({ title: '不行', status, code, ...more }),
});

let token: string | null;
let asked: HttpRequest[];
let answer: (request: HttpRequest) => HttpReply | Promise<HttpReply>;
let displaced: (Displaced | null)[];
let ended: ApiError[];
let api: Api;

beforeEach(() => {
  token = 't1';
  asked = [];
  displaced = [];
  ended = [];
  answer = () => ok({});
  api = createApi({
    base: 'http://h',
    send: async (request) => {
      asked.push(request);
      return answer(request);
    },
    getToken: () => token,
    setSession: (reply) => {
      token = reply.token;
    },
    identity: async () => ({ kind: 'browser', key: 'k'.repeat(32) }),
    device: () => 'Chrome',
    onDisplaced: (d) => {
      token = null;
      displaced.push(d);
    },
    onEnded: (e) => {
      token = null;
      ended.push(e);
    },
  });
});

const bearer = (r: HttpRequest | undefined) => r?.headers.Authorization;
const renewals = () => asked.filter((r) => r.url.endsWith('/session/renew'));
const expiredUntilRenewed = (request: HttpRequest) => {
  if (request.url.endsWith('/renew')) return ok({ token: 't2', expires_at_ms: 1, manager });
  return bearer(request) === 'Bearer t2' ? ok({ count: 1, sum_fen: 5 }) : problem(401, 'session.expired');
};

describe('PRODUCT 3.1: a login from another identity goes on with a code', () => {
  it('asks with the ticket alone, without the old session, and keeps the new one', async () => {
    answer = (request) =>
      request.url.endsWith('/session/code')
        ? { status: 202, body: JSON.stringify({ mobile: '138****2176', retry_at_ms: 1, expires_at_ms: 2 }) }
        : ok({ token: 't2', expires_at_ms: 1, manager });
    await expect(api.sendCode('ticket')).resolves.toMatchObject({ mobile: '138****2176' });
    await api.rebind('ticket', '042917');
    expect(token).toBe('t2');
    expect(asked.map((r) => [r.url, bearer(r), JSON.parse(r.body ?? '')])).toEqual([
      ['http://h/api/manager/session/code', undefined, { ticket: 'ticket' }],
      ['http://h/api/manager/session/rebind', undefined, { ticket: 'ticket', code: '042917', device: 'Chrome' }],
    ]);
  });

  it('a wrong code is no end of a session', async () => {
    answer = () => problem(422, 'field.invalid');
    await expect(api.rebind('ticket', '000000')).rejects.toMatchObject({ code: 'field.invalid' });
    expect([token, ended, displaced]).toEqual(['t1', [], []]);
  });
});

describe('PRODUCT 3.1: an expired session renews silently', () => {
  it('renews with the identity and repeats the request with the new token', async () => {
    answer = expiredUntilRenewed;
    await expect(api.today()).resolves.toEqual({ count: 1, sum_fen: 5 });
    expect(asked.map((r) => `${r.method} ${r.url} ${bearer(r)}`)).toEqual([
      'GET http://h/api/manager/today Bearer t1',
      'POST http://h/api/manager/session/renew Bearer t1',
      'GET http://h/api/manager/today Bearer t2',
    ]);
    const sent = JSON.parse(asked[1]?.body ?? '');
    expect(sent).toEqual({ identity: { kind: 'browser', key: 'k'.repeat(32) }, device: 'Chrome' });
  });

  it('renews once for many requests at a time', async () => {
    answer = expiredUntilRenewed;
    await Promise.all([api.today(), api.me(), api.records(null, { q: '', until: null })]);
    expect(renewals()).toHaveLength(1);
  });

  it('does not renew for an answer that was meant for a token already replaced', async () => {
    answer = (request) => {
      if (bearer(request) === 'Bearer t2') return ok({ count: 2, sum_fen: 5 });
      token = 't2';
      return problem(401, 'session.expired');
    };
    await api.today();
    expect(renewals()).toHaveLength(0);
  });

  it('expired twice is over, not a loop', async () => {
    answer = (r) =>
      r.url.endsWith('/renew') ? ok({ token: 't2', expires_at_ms: 1, manager }) : problem(401, 'session.expired');
    await expect(api.today()).rejects.toMatchObject({ code: 'session.expired' });
    expect(asked).toHaveLength(3);
    expect(ended).toHaveLength(1);
  });

  it.each(['login.other_identity', 'manager.disabled'])('a refused renewal (%s) ends the session', async (code) => {
    answer = (r) => (r.url.endsWith('/renew') ? problem(403, code) : problem(401, 'session.expired'));
    await expect(api.today()).rejects.toMatchObject({ code });
    expect(ended.map((e) => e.code)).toEqual([code]);
  });

  it('a renewal that got no answer ends nothing: the next request tries again', async () => {
    answer = (r) => {
      if (r.url.endsWith('/renew')) throw new Error('offline');
      return problem(401, 'session.expired');
    };
    await expect(api.today()).rejects.toMatchObject({ code: 'network' });
    expect(token).toBe('t1');
    answer = expiredUntilRenewed;
    await expect(api.today()).resolves.toMatchObject({ count: 1 });
  });
});

describe('PRODUCT 3.1: pushed out', () => {
  const later = { at_ms: 5, device: 'iPhone', network: '1.2.*.*' };

  it('is told with device, network and time, and is not renewed', async () => {
    answer = () => problem(401, 'session.displaced', { displaced: later });
    await expect(api.refreshCode()).rejects.toMatchObject({ code: 'session.displaced' });
    expect(displaced).toEqual([later]);
    expect(renewals()).toHaveLength(0);
  });

  it('is told once for many requests in flight', async () => {
    answer = () => problem(401, 'session.displaced', { displaced: later });
    await Promise.allSettled([api.today(), api.code(), api.me()]);
    expect(displaced).toHaveLength(1);
  });

  it('is told also when it shows at the renewal', async () => {
    answer = (r) =>
      r.url.endsWith('/renew')
        ? problem(401, 'session.displaced', { displaced: later })
        : problem(401, 'session.expired');
    await expect(api.today()).rejects.toMatchObject({ code: 'session.displaced' });
    expect(displaced).toEqual([later]);
  });

  it('a late answer to an old token does not end the session of today', async () => {
    answer = () => {
      token = 't9';
      return problem(401, 'session.ended');
    };
    await expect(api.today()).rejects.toMatchObject({ code: 'session.ended' });
    expect(ended).toEqual([]);
    expect(token).toBe('t9');
  });
});

describe('login and errors', () => {
  it('a wrong password throws in words and touches no session', async () => {
    answer = () => problem(401, 'login.wrong', { title: '账号或密码错误。', detail: '请检查。' });
    await expect(api.login('138', 'x')).rejects.toMatchObject({
      code: 'login.wrong',
      message: '账号或密码错误，请检查。',
    });
    expect(ended).toEqual([]);
    expect(bearer(asked[0])).toBeUndefined();
  });

  it('no answer is a network error', async () => {
    answer = () => {
      throw new Error('refused');
    };
    await expect(api.code()).rejects.toMatchObject({ code: 'network', status: 0 });
  });

  it("a proxy's page becomes a sentence too", () => {
    expect(errorFrom(502, null)).toMatchObject({ code: 'server.error', message: '服务器暂时没有响应，请稍后再试' });
    expect(errorFrom(404, ['x'])).toMatchObject({ code: 'request.failed' });
  });

  it('ids in paths and queries are escaped', async () => {
    await api.records('a/b&c', { q: '', until: null });
    await api.endCode('x/y');
    expect(asked.map((r) => r.url)).toEqual([
      'http://h/api/manager/records?cursor=a%2Fb%26c',
      'http://h/api/manager/collection-code/x%2Fy/end',
    ]);
  });
});
