import type { MailState, Manager } from '../api/types';
import { useText } from '../i18n';
import { Pill, type Tone } from '../ui/Pill';
import { formatTime } from '../ui/time';

// Green is for money, and accepted is not yet read; refused needs a person.
const TONE: Record<MailState, Tone> = { queued: 'waiting', accepted: 'muted', refused: 'danger' };

interface MailCellProps {
  manager: Manager;
  onFix?(): void;
}

/** How far the login mail has come, to which address, and why it was refused; with the way to mend it. */
export function MailCell({ manager, onFix }: MailCellProps) {
  const t = useText();
  const { mail } = manager;
  const action = mail === null ? t.managers.mailSend : t.managers.mailResend;
  return (
    <div className="mail">
      <div className="mail-line">
        <span data-testid="mail-state" title={mail ? formatTime(mail.at_ms) : undefined}>
          {mail ? <Pill tone={TONE[mail.state]}>{t.managers.mailStates[mail.state]}</Pill> : t.managers.mailNone}
        </span>
        {onFix && (
          <button type="button" className="link" data-testid="mail-fix" onClick={onFix}>
            {mail?.state === 'refused' ? t.managers.mailFix : action}
          </button>
        )}
      </div>
      <span className="mail-to">{mail?.to ?? manager.email}</span>
      {mail?.state === 'refused' && mail.reason && <span className="mail-reason">{mail.reason}</span>}
    </div>
  );
}
