import type { TableColumnsType } from 'antd';
import type { Manager } from '../api/types';
import type { Text } from '../i18n/zh';
import { Pill } from '../ui/Pill';
import { formatShortTime, formatTime } from '../ui/time';
import type { ManagerAction } from './actions';
import { MailCell } from './MailCell';

type Act = (action: ManagerAction, manager: Manager) => void;

export function managerColumns(t: Text, act: Act, onMail: (manager: Manager) => void): TableColumnsType<Manager> {
  return [
    {
      key: 'name',
      title: t.managers.name,
      render: (_, manager) => (
        <div className="two-lines">
          <strong>{manager.name}</strong>
          <span className="num quiet">{manager.mobile}</span>
        </div>
      ),
    },
    { key: 'org', title: t.managers.org, dataIndex: 'org_unit_name' },
    {
      key: 'status',
      title: t.managers.status,
      render: (_, { status }) => (
        <span data-testid="manager-status">
          {status === 'active' ? t.managers.statuses.active : <Pill tone="muted">{t.managers.statuses.disabled}</Pill>}
        </span>
      ),
    },
    {
      key: 'mail',
      title: t.managers.mail,
      render: (_, manager) => <MailCell manager={manager} onFix={() => onMail(manager)} />,
    },
    { key: 'bound', title: t.managers.bound, render: (_, manager) => <Login manager={manager} t={t} /> },
    {
      key: 'actions',
      fixed: 'right',
      title: t.common.actions,
      render: (_, manager) => <Actions manager={manager} act={act} t={t} />,
    },
  ];
}

function Actions({ manager, act, t }: { manager: Manager; act: Act; t: Text }) {
  const toggle = manager.status === 'active' ? 'disable' : 'enable';
  return (
    <div className="row-actions">
      <button type="button" className="link" data-testid={`manager-${toggle}`} onClick={() => act(toggle, manager)}>
        {t.managers[toggle]}
      </button>
      {manager.bound !== null && (
        <button type="button" className="link" data-testid="manager-unbind" onClick={() => act('unbind', manager)}>
          {t.managers.unbind}
        </button>
      )}
      {manager.status === 'active' && (
        <button type="button" className="link" data-testid="manager-reset" onClick={() => act('reset', manager)}>
          {t.managers.reset}
        </button>
      )}
    </div>
  );
}

/** What the account is bound to, and when it last logged in. */
function Login({ manager, t }: { manager: Manager; t: Text }) {
  const { bound, last_login_at_ms: at } = manager;
  return (
    <div className="two-lines">
      {bound === null ? (
        <span className="quiet">{t.managers.notBound}</span>
      ) : (
        <span title={formatTime(bound.at_ms)}>{t.managers.boundKinds[bound.kind]}</span>
      )}
      <span className="quiet num" title={at === null ? undefined : formatTime(at)}>
        {at === null ? t.managers.never : t.managers.lastLogin(formatShortTime(at, Date.now()))}
      </span>
    </div>
  );
}
