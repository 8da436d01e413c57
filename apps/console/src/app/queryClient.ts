import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { hasCode, isSignedOut, ProblemError } from '../api/problem';

export const SESSION_KEY = ['session'];

function onFailure(error: unknown): void {
  // Whichever call hears it first, the whole console learns that the session is gone and goes to the login page.
  if (isSignedOut(error)) queryClient.setQueryData(SESSION_KEY, null);
  // Another tab logged in anew: fetch the token again, so that pressing once more works.
  if (hasCode(error, 'csrf.failed')) void queryClient.invalidateQueries({ queryKey: SESSION_KEY });
}

function worthRetrying(failures: number, error: unknown): boolean {
  const status = error instanceof ProblemError ? error.problem.status : 500;
  return failures < 1 && (status === 0 || status >= 500);
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onFailure }),
  mutationCache: new MutationCache({ onError: onFailure }),
  defaultOptions: {
    // Whoever opens a list wants it as it is now: what was seen last shows only until the answer is there.
    queries: { retry: worthRetrying, staleTime: 0 },
    mutations: { retry: false },
  },
});
