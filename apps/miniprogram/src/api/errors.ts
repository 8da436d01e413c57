import type { Problem } from './types';

/** A request that did not end well: `message` is one Chinese sentence for the screen, `code` is for the program. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly problem: Problem | null;

  constructor(code: string, status: number, message: string, problem: Problem | null = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.problem = problem;
  }
}

/** No answer at all: no network, time-out, name not found. */
export function networkError(): ApiError {
  return new ApiError('network', 0, '网络不通，请检查网络后再试');
}

/** Reads a problem+json body; what is not one (a proxy's page, an empty 502) still becomes a sentence. */
export function errorFrom(status: number, body: unknown): ApiError {
  if (isProblem(body)) {
    const message = body.detail ? `${trimStop(body.title)}，${body.detail}` : body.title;
    return new ApiError(body.code, status, message, body);
  }
  const message = status >= 500 ? '服务器暂时没有响应，请稍后再试' : '请求没有成功，请稍后再试';
  return new ApiError(status >= 500 ? 'server.error' : 'request.failed', status, message);
}

/** Any thrown value as an ApiError, so that a screen has always a sentence to show. */
export function asApiError(e: unknown): ApiError {
  return e instanceof ApiError ? e : new ApiError('client.error', 0, '出了点问题，请再试一次');
}

function trimStop(text: string): string {
  return text.replace(/[。！!.]+$/, '');
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const b = body as Record<string, unknown>;
  return typeof b.code === 'string' && typeof b.title === 'string';
}
