import { DisconnectOutlined, InboxOutlined, LockOutlined, QuestionCircleOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../api/problem';
import { usePreferences } from '../app/preferences';
import { problemText, useText } from '../i18n';

interface NoticeProps {
  icon: ReactNode;
  title: string;
  text: string;
  action?: ReactNode;
  /** Something went wrong, so a screen reader is told at once. */
  urgent?: boolean;
}

/** The one look of every page or panel that has nothing to show. */
export function Notice({ icon, title, text, action, urgent }: NoticeProps) {
  return (
    <div className="notice" role={urgent ? 'alert' : undefined}>
      <span className="notice-icon" aria-hidden="true">
        {icon}
      </span>
      <strong>{title}</strong>
      <p>{text}</p>
      {action}
    </div>
  );
}

export function EmptyState({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return <Notice icon={<InboxOutlined />} title={title} text={text} action={action} />;
}

export function NotFound({ title, text }: { title?: string; text?: string }) {
  const t = useText();
  return (
    <Notice
      icon={<QuestionCircleOutlined />}
      title={title ?? t.states.notFoundTitle}
      text={text ?? t.states.notFoundText}
      action={<Link to="/orders">{t.states.toOrders}</Link>}
    />
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry(): void;
  missing?: { title: string; text: string };
}

/** What a failed load shows: no permission and not found in their own words, everything else with a way to try again. */
export function ErrorState({ error, onRetry, missing }: ErrorStateProps) {
  const t = useText();
  const { language } = usePreferences();
  const problem = problemOf(error);
  if (problem.status === 403) {
    return (
      <Notice urgent icon={<LockOutlined />} title={t.states.noPermissionTitle} text={t.states.noPermissionText} />
    );
  }
  if (problem.status === 404 && missing) {
    return <Notice urgent icon={<QuestionCircleOutlined />} title={missing.title} text={missing.text} />;
  }
  const { title, detail } = problemText(problem, language);
  return (
    <Notice
      urgent
      icon={<DisconnectOutlined />}
      title={title}
      text={detail}
      action={<Button onClick={onRetry}>{t.common.retry}</Button>}
    />
  );
}

export function Waiting() {
  const t = useText();
  return (
    <div className="waiting" role="status" aria-label={t.common.loading}>
      <Spin />
    </div>
  );
}

export function FullPage({ children }: { children: ReactNode }) {
  return <div className="full-page">{children}</div>;
}
