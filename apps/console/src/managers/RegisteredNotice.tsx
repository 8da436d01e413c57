import { CheckCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { api } from '../api/client';
import type { RegisteredManager } from '../api/types';
import { useText } from '../i18n';
import { Facts } from '../ui/Facts';
import { MailCell } from './MailCell';
import { PasswordOnce } from './PasswordOnce';
import { MAIL_POLL_MS } from './polling';

interface RegisteredNoticeProps {
  manager: RegisteredManager;
  onAnother(): void;
  onFinish(): void;
}

export function RegisteredNotice({ manager, onAnother, onFinish }: RegisteredNoticeProps) {
  const t = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  const latest = useQuery({
    queryKey: ['manager', manager.manager_id],
    queryFn: () => api.managers.get(manager.manager_id),
    initialData: manager,
    refetchInterval: ({ state }) => (state.data?.mail?.state === 'queued' ? MAIL_POLL_MS : false),
  });
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="registered" data-testid="manager-registered">
      <h3 ref={heading} tabIndex={-1}>
        <CheckCircleFilled aria-hidden="true" /> {t.managers.doneTitle(manager.name)}
      </h3>
      <Facts
        facts={[
          { label: t.managers.mobile, value: manager.mobile, num: true },
          { label: t.managers.org, value: manager.org_unit_name },
        ]}
      />
      <h4>{t.managers.mail}</h4>
      <MailCell manager={latest.data} />
      {manager.generated_password !== null && <PasswordOnce password={manager.generated_password} />}
      <div className="registered-foot">
        <Button onClick={onAnother}>{t.managers.another}</Button>
        <Button type="primary" onClick={onFinish} data-testid="manager-done">
          {t.managers.finish}
        </Button>
      </div>
    </div>
  );
}
