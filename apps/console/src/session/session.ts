import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from '../api/client';
import { isSignedOut } from '../api/problem';
import type { Admin, AdminSession } from '../api/types';
import { SESSION_KEY } from '../app/queryClient';
import { forgetDrafts } from '../forms/draftStore';

async function fetchSession(): Promise<AdminSession | null> {
  try {
    return await api.session();
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

/** The session as the server sees it: undefined while asking, null when there is none. */
export function useSessionQuery() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: 5 * 60_000 });
}

/** The signed-in admin; only below RequireSession. */
export function useAdmin(): Admin {
  const { data } = useSessionQuery();
  if (!data) throw new Error('useAdmin without a session');
  return data.admin;
}

/** Starts a session in the cache. What another admin saw before is dropped. */
export function useBeginSession() {
  const client = useQueryClient();
  return useCallback(
    (session: AdminSession) => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      client.setQueryData(SESSION_KEY, session);
    },
    [client],
  );
}

/** Ends the session at the server and forgets everything that was shown. */
export function useEndSession() {
  const client = useQueryClient();
  return useCallback(async () => {
    await api.logout().catch((error: unknown) => {
      // Already gone is what was wanted.
      if (!isSignedOut(error)) throw error;
    });
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    client.setQueryData(SESSION_KEY, null);
    forgetDrafts();
  }, [client]);
}

/** Only a path inside the console may be returned to after login. */
export function safeNext(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/orders';
}
