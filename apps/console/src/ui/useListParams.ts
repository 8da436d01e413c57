import { useCallback } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';

interface ListLocationState {
  /** Cursors of the pages before this one, oldest first; absent when the address was opened directly. */
  trail?: string[];
}

/** A list's filters and page live in the address: it can be shared, reloaded, and left and come back to. */
export function useListParams<Status extends string>(statuses: readonly Status[]) {
  const [params] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const trail = (location.state as ListLocationState | null)?.trail ?? [];
  const rawStatus = params.get('status') ?? '';
  const status: Status | '' = statuses.find((known) => known === rawStatus) ?? '';
  const q = params.get('q') ?? '';
  const cursor = params.get('cursor') ?? '';

  const go = useCallback(
    (patch: Record<string, string>, state: ListLocationState, replace: boolean, pathname?: string) => {
      const next = new URLSearchParams(location.search);
      for (const [key, value] of Object.entries(patch)) {
        if (value) next.set(key, value);
        else next.delete(key);
      }
      const search = next.toString();
      navigate({ pathname: pathname ?? location.pathname, search: search && `?${search}` }, { replace, state });
    },
    [location.pathname, location.search, navigate],
  );

  return {
    filter: { status, q, cursor },
    filtered: status !== '' || q !== '',
    /** Another filter always starts at the newest page. */
    setFilter: (patch: { status?: string; q?: string }) => go({ ...patch, cursor: '' }, {}, true),
    pager: {
      page: cursor && trail.length === 0 ? null : trail.length + 1,
      next: (to: string) => go({ cursor: to }, { trail: [...trail, cursor] }, false),
      previous: () => go({ cursor: trail.at(-1) ?? '' }, { trail: trail.slice(0, -1) }, false),
    },
    /** Opens or closes a detail beside the list without losing filters or page. */
    openPath: (pathname: string) => go({}, { trail }, false, pathname),
    search: location.search,
    trail,
  };
}

export type ListPager = ReturnType<typeof useListParams>['pager'];
