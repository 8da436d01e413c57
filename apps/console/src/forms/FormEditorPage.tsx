import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { useParams } from 'react-router';
import { api } from '../api/client';
import { useText } from '../i18n';
import { ErrorState } from '../ui/states';
import { usePageTitle } from '../ui/usePageTitle';
import { FormEditor } from './FormEditor';

/** Loads a form afresh each time; once open, nothing but its editor changes it. */
export function FormEditorPage() {
  const t = useText();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: ['form', id],
    queryFn: () => api.forms.get(id),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  usePageTitle(query.data?.name ?? t.forms.title);
  if (query.data) return <FormEditor key={id} initial={query.data} />;
  return (
    <div className="page">
      <div className="card card-padded">
        {query.isError ? (
          <ErrorState
            error={query.error}
            onRetry={() => void query.refetch()}
            missing={{ title: t.forms.missingTitle, text: t.forms.missingText }}
          />
        ) : (
          <Skeleton active paragraph={{ rows: 10 }} />
        )}
      </div>
    </div>
  );
}
