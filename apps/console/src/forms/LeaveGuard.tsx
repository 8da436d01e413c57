import { Modal } from 'antd';
import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { useText } from '../i18n';

interface LeaveGuardProps {
  dirty: boolean;
  onLeave(): void;
}

/** Warns before unsaved changes are lost. An expired session is let through: the draft is kept and restored after login. */
export function LeaveGuard({ dirty, onLeave }: LeaveGuardProps) {
  const t = useText();
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && nextLocation.pathname !== currentLocation.pathname && nextLocation.pathname !== '/login',
  );
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);
  return (
    <Modal
      open={blocker.state === 'blocked'}
      width={420}
      title={t.forms.leaveTitle}
      okText={t.forms.leaveOk}
      okButtonProps={{ danger: true, 'data-testid': 'leave-ok' }}
      cancelText={t.forms.leaveStay}
      onCancel={() => blocker.reset?.()}
      onOk={() => {
        onLeave();
        blocker.proceed?.();
      }}
    >
      {t.forms.leaveText}
    </Modal>
  );
}
