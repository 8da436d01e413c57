import type { Problem } from './types';

/** What every failed call throws: the server's own problem, or one made here when no server answered. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

const OFFLINE: Problem = {
  type: '/problems/network',
  code: 'network',
  status: 0,
  title: '连不上服务器',
  title_en: 'The server cannot be reached',
  detail: '请检查网络后重试。',
  detail_en: 'Check the network, then try again.',
};

/** No answer at all: offline, a dead server, a broken proxy. */
export function networkProblem(): ProblemError {
  return new ProblemError(OFFLINE);
}

/** Reads a failed answer's body. A proxy's HTML page is not a problem of ours, so it becomes a plain one. */
export function toProblem(body: unknown, status: number): ProblemError {
  if (isProblem(body)) return new ProblemError(body);
  return new ProblemError({
    type: '/problems/server.error',
    code: 'server.error',
    status,
    title: '服务器没有正常回答',
    title_en: 'The server did not answer properly',
    detail: `状态码 ${status}。请稍后重试。`,
    detail_en: `Status ${status}. Please try again shortly.`,
  });
}

export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : toProblem(null, 500).problem;
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ProblemError && error.problem.code === code;
}

/** The session is gone (expired, ended or never there); a wrong password at login is not that. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 401 && error.problem.code.startsWith('session.');
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
}
