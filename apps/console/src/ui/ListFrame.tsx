import { Alert, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useText } from '../i18n';
import { ErrorState } from './states';

interface ListFrameProps {
  query: { isPending: boolean; isError: boolean; error: unknown; data: unknown; refetch(): unknown };
  isEmpty: boolean;
  empty: ReactNode;
  children: ReactNode;
}

/** The states of a list: loading, failed (with what was there before, if anything), empty, filled. */
export function ListFrame({ query, isEmpty, empty, children }: ListFrameProps) {
  const t = useText();
  const retry = () => void query.refetch();
  if (query.isPending) {
    return (
      <div className="card card-padded" role="status" aria-label={t.common.loading}>
        <Skeleton active title={false} paragraph={{ rows: 8, width: '100%' }} />
      </div>
    );
  }
  if (query.data === undefined) {
    return (
      <div className="card">
        <ErrorState error={query.error} onRetry={retry} />
      </div>
    );
  }
  return (
    <>
      {query.isError && (
        <Alert
          className="stale-alert"
          type="warning"
          showIcon
          title={t.states.stale}
          action={
            <button type="button" className="link" onClick={retry}>
              {t.common.retry}
            </button>
          }
        />
      )}
      {isEmpty ? <div className="card">{empty}</div> : children}
    </>
  );
}
