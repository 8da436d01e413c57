import { DownOutlined } from '@ant-design/icons';
import { useText } from '../i18n';
import { Logo } from '../ui/Logo';
import { formatFen, parseYuan } from '../ui/money';
import type { EditorField, EditorForm } from './editor';

/** The payer's page as it would look; a picture, so nothing in it takes the focus or is pressed. */
export function FormPreview({ form, payee }: { form: EditorForm; payee: string }) {
  const t = useText();
  const fixed = form.amount.mode === 'fixed' ? parseYuan(form.amount.fixed) : null;
  return (
    <aside className="preview" aria-label={t.forms.preview} data-testid="form-preview">
      <p className="preview-note">{t.forms.previewNote}</p>
      <div className="phone">
        <header className="phone-head">
          <Logo />
          <strong>{payee}</strong>
        </header>
        <div className="phone-card">
          <span className="phone-label">{form.amount.label || t.forms.unnamed}</span>
          <span className={fixed === null ? 'phone-amount num typed' : 'phone-amount num'}>
            <small>¥</small> {fixed === null ? '0.00' : formatFen(fixed)}
          </span>
        </div>
        {form.fields.length > 0 && (
          <ul className="phone-card phone-fields">
            {form.fields.map((field) => (
              <PreviewField key={field.key} field={field} />
            ))}
          </ul>
        )}
        <div className="phone-pay">
          {t.forms.previewPay}
          {fixed !== null && <span className="num"> ¥{formatFen(fixed)}</span>}
        </div>
      </div>
    </aside>
  );
}

function PreviewField({ field }: { field: EditorField }) {
  const t = useText();
  const words = field.required
    ? { text: t.forms.previewRequired, choice: t.forms.previewChoose }
    : { text: t.forms.previewOptional, choice: t.forms.previewLeaveOut };
  return (
    <li>
      <div className="phone-row">
        <span className="phone-name">
          {field.label || t.forms.unnamed}
          {field.required && (
            <em role="img" aria-label={t.forms.required}>
              *
            </em>
          )}
        </span>
        <span className="phone-blank">
          {words[field.kind]}
          {field.kind === 'choice' && <DownOutlined className="phone-chevron" aria-hidden="true" />}
        </span>
      </div>
      {field.help.trim() && <p>{field.help}</p>}
    </li>
  );
}
