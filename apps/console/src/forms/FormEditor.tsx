import { ArrowLeftOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import type { Form } from '../api/types';
import { useText } from '../i18n';
import { useAdmin } from '../session/session';
import { formatTime } from '../ui/time';
import { AmountCard } from './AmountCard';
import { FieldList } from './FieldList';
import { FormPreview } from './FormPreview';
import { LeaveGuard } from './LeaveGuard';
import { StaleDialog } from './StaleDialog';
import { useFormDraft } from './useFormDraft';
import { useFormSave } from './useFormSave';
import { validate } from './validate';
import './forms.css';

export function FormEditor({ initial }: { initial: Form }) {
  const t = useText();
  const admin = useAdmin();
  const root = useRef<HTMLDivElement>(null);
  const draft = useFormDraft(initial);
  const [tried, setTried] = useState(false);
  const saving = useFormSave(initial.form_id, (saved) => {
    setTried(false);
    draft.rebase(saved);
  });
  const found = validate(draft.form);
  const count = Object.keys(found).length;
  // Errors wait for the first attempt to save: nobody is corrected in the middle of a word.
  const errorAt = (control: string): string | undefined => {
    const key = tried ? found[control] : undefined;
    return key ? t.forms.errors[key] : saving.serverErrors[control];
  };
  const dispatch: typeof draft.dispatch = (action) => {
    saving.clearServerErrors();
    draft.dispatch(action);
  };

  const save = (baseVersion: number) => {
    setTried(true);
    if (count === 0) saving.save({ form: draft.form, baseVersion });
    else focusFirstError(root.current);
  };
  return (
    <div className="page editor" ref={root}>
      <EditorHead
        base={draft.base}
        dirty={draft.dirty}
        saving={saving.saving}
        onDiscard={() => {
          setTried(false);
          draft.discard();
        }}
        onSave={() => save(draft.baseVersion)}
      />
      {tried && count > 0 && <Alert type="error" showIcon role="alert" title={t.forms.problems(count)} />}
      {draft.restored && <Alert type="info" showIcon title={t.forms.restored} />}
      <div className="editor-columns">
        <div className="editor-cards">
          <AmountCard amount={draft.form.amount} errorAt={errorAt} dispatch={dispatch} />
          <FieldList fields={draft.form.fields} errorAt={errorAt} dispatch={dispatch} />
        </div>
        <FormPreview form={draft.form} payee={admin.merchant_full_name} />
      </div>
      <LeaveGuard dirty={draft.dirty} onLeave={draft.forget} />
      {saving.stale && (
        <StaleDialog
          latest={saving.stale.latest}
          saving={saving.saving}
          onKeep={saving.closeStale}
          onOverwrite={(version) => save(version)}
          onTheirs={(latest) => {
            setTried(false);
            saving.closeStale();
            draft.rebase(latest);
          }}
        />
      )}
    </div>
  );
}

/** After React has drawn the errors. */
function focusFirstError(root: HTMLElement | null): void {
  requestAnimationFrame(() => root?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

interface EditorHeadProps {
  base: Form;
  dirty: boolean;
  saving: boolean;
  onDiscard(): void;
  onSave(): void;
}

function EditorHead({ base, dirty, saving, onDiscard, onSave }: EditorHeadProps) {
  const t = useText();
  return (
    <div className="editor-head">
      <Link className="back" to="/forms" aria-label={t.forms.back} title={t.forms.back}>
        <ArrowLeftOutlined />
      </Link>
      <div className="editor-title">
        <h1>{base.name}</h1>
        <p className="num" data-testid="form-version" data-version={base.version}>
          {t.forms.savedBy(base.version, base.updated_by, formatTime(base.updated_at_ms))}
        </p>
      </div>
      {dirty && (
        <>
          <span className="unsaved" role="status">
            {t.forms.unsaved}
          </span>
          <Button onClick={onDiscard} data-testid="form-discard">
            {t.forms.discard}
          </Button>
        </>
      )}
      <Button type="primary" disabled={!dirty} loading={saving} onClick={onSave} data-testid="form-save">
        {t.forms.save}
      </Button>
    </div>
  );
}
