import { Button, Modal } from 'antd';
import type { Form } from '../api/types';
import { useText } from '../i18n';
import { formatTime } from '../ui/time';

interface StaleDialogProps {
  /** What the other person saved; null when it could not be loaded. */
  latest: Form | null;
  saving: boolean;
  onKeep(): void;
  onOverwrite(baseVersion: number): void;
  onTheirs(latest: Form): void;
}

/** Two people edited one form: says who and when, and lets the later one choose; nothing is lost before that. */
export function StaleDialog({ latest, saving, onKeep, onOverwrite, onTheirs }: StaleDialogProps) {
  const t = useText();
  const text = latest
    ? t.forms.staleText(latest.version, latest.updated_by, formatTime(latest.updated_at_ms))
    : t.forms.staleUnknown;
  return (
    <Modal open width={480} title={t.forms.staleTitle} onCancel={onKeep} footer={null} data-testid="form-stale">
      <p className="dialog-intro">{text}</p>
      <div className="choices">
        <Button type="primary" block onClick={onKeep} data-testid="stale-keep">
          {t.forms.staleKeep}
        </Button>
        {latest && (
          <>
            <Button block loading={saving} onClick={() => onOverwrite(latest.version)} data-testid="stale-overwrite">
              {t.forms.staleOverwrite}
            </Button>
            <Button block danger disabled={saving} onClick={() => onTheirs(latest)} data-testid="stale-theirs">
              {t.forms.staleTheirs}
            </Button>
          </>
        )}
      </div>
    </Modal>
  );
}
