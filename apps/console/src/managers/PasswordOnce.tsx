import { useText } from '../i18n';
import { CopyButton } from '../ui/CopyButton';

/** A generated password. It lives in this component alone: closing it forgets it. */
export function PasswordOnce({ password }: { password: string }) {
  const t = useText();
  return (
    <div className="password-once">
      <strong>{t.managers.generatedTitle}</strong>
      <div className="password-line">
        <code data-testid="generated-password">{password}</code>
        <CopyButton prominent text={password} label={t.common.copy} />
      </div>
      <p>{t.managers.generatedText}</p>
    </div>
  );
}
