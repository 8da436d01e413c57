import { RightOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Table } from 'antd';
import { Link, useNavigate } from 'react-router';
import { api } from '../api/client';
import type { FormSummary } from '../api/types';
import { useText } from '../i18n';
import { ListFrame } from '../ui/ListFrame';
import { EmptyState } from '../ui/states';
import { formatTime } from '../ui/time';
import { usePageTitle } from '../ui/usePageTitle';

export function FormsPage() {
  const t = useText();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ['forms'], queryFn: api.forms.list });
  usePageTitle(t.forms.title);
  const forms = query.data?.items ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.forms.title}</h1>
      </div>
      <p className="page-intro">{t.forms.intro}</p>
      <ListFrame
        query={query}
        isEmpty={forms.length === 0}
        empty={<EmptyState title={t.forms.emptyTitle} text={t.forms.emptyText} />}
      >
        <Table<FormSummary>
          className="list"
          rowKey="form_id"
          dataSource={forms}
          pagination={false}
          scroll={{ x: 'max-content' }}
          onRow={(form) => ({ 'data-testid': 'form-row', onClick: () => navigate(`/forms/${form.form_id}`) }) as object}
          columns={[
            {
              key: 'name',
              title: t.forms.name,
              render: (_, form) => (
                <Link className="row-link" to={`/forms/${form.form_id}`} onClick={(event) => event.stopPropagation()}>
                  <strong>{form.name}</strong>
                </Link>
              ),
            },
            { key: 'version', title: t.forms.version, render: (_, form) => t.orders.versionN(form.version) },
            {
              key: 'updated',
              title: t.forms.updatedAt,
              className: 'num',
              render: (_, form) => formatTime(form.updated_at_ms),
            },
            {
              key: 'open',
              align: 'right',
              render: () => <RightOutlined className="quiet" aria-hidden="true" />,
            },
          ]}
        />
      </ListFrame>
    </div>
  );
}
