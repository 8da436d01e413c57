import { useRef } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { ErrorState, FullPage, Waiting } from '../ui/states';
import { useSessionQuery } from './session';

/** Lets the signed-in through; others go to the login page and come back to this very address. */
export function RequireSession() {
  const session = useSessionQuery();
  const location = useLocation();
  const hadSession = useRef(false);
  if (session.data) {
    hadSession.current = true;
    return <Outlet />;
  }
  if (session.data === null) {
    const next = encodeURIComponent(location.pathname + location.search);
    return <Navigate replace to={`/login?next=${next}`} state={{ expired: hadSession.current }} />;
  }
  return (
    <FullPage>
      {session.isError ? <ErrorState error={session.error} onRetry={() => void session.refetch()} /> : <Waiting />}
    </FullPage>
  );
}
