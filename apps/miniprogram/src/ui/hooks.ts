import { useEffect, useState } from 'react';
import { platform } from '../platform';
import { sessionStore } from '../state/app';
import { useStore } from '../state/store';

/** The time, renewed every `stepMs`, for texts such as "3 分钟前". */
export function useNow(stepMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return now;
}

/** The session of a page that only makes sense logged in. Opened by its address without one, it gives way to home. */
export function useSession() {
  const session = useStore(sessionStore);
  useEffect(() => {
    // Only on entering: whoever ends a session later also says where to go.
    if (!sessionStore.get()) platform.restart('home');
  }, []);
  return session;
}
