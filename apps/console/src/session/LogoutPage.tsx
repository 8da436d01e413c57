import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { ErrorState, FullPage, Waiting } from '../ui/states';
import { useEndSession } from './session';

/** Its own address, so that the guard of unsaved changes stands before it as before any other way out. */
export function LogoutPage() {
  const end = useEndSession();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>(null);
  const started = useRef(false);

  const run = () => {
    setFailure(null);
    end().then(() => navigate('/login', { replace: true }), setFailure);
  };
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    run();
  });
  return <FullPage>{failure ? <ErrorState error={failure} onRetry={run} /> : <Waiting />}</FullPage>;
}
