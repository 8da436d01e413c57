import { useEffect, useReducer, useState } from 'react';
import type { Form } from '../api/types';
import { forgetDraft, loadDraft, storeDraft } from './draftStore';
import { edit, isSame, toEditor } from './editor';

/**
 * The form being edited on top of the version it was read from. What is unsaved also lies in this tab's storage,
 * so that an expired session or a reload loses nothing.
 */
export function useFormDraft(initial: Form) {
  const [stored] = useState(() => loadDraft(initial.form_id));
  const [base, setBase] = useState(initial);
  const [baseVersion, setBaseVersion] = useState(stored?.baseVersion ?? initial.version);
  const [form, dispatch] = useReducer(edit, stored?.form ?? toEditor(initial.definition));
  const [restored, setRestored] = useState(stored !== null);
  const dirty = !isSame(form, toEditor(base.definition));

  useEffect(() => {
    if (dirty) storeDraft(initial.form_id, { baseVersion, form });
    else forgetDraft(initial.form_id);
  }, [dirty, form, baseVersion, initial.form_id]);

  /** Continues from this version, with nothing unsaved. */
  const rebase = (next: Form) => {
    setBase(next);
    setBaseVersion(next.version);
    setRestored(false);
    dispatch({ type: 'load', form: toEditor(next.definition) });
  };
  return {
    base,
    baseVersion,
    form,
    dispatch,
    dirty,
    restored: restored && dirty,
    rebase,
    discard: () => rebase(base),
    forget: () => forgetDraft(initial.form_id),
  };
}
