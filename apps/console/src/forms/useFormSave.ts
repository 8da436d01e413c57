import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useState } from 'react';
import { api } from '../api/client';
import { hasCode, isSignedOut, problemOf } from '../api/problem';
import type { Form } from '../api/types';
import { usePreferences } from '../app/preferences';
import { fieldErrorText, problemLine, useText } from '../i18n';
import { type EditorForm, toDefinition } from './editor';
import { controlOf } from './validate';

interface Attempt {
  form: EditorForm;
  baseVersion: number;
}

/** Saving: a new version, or the server's errors by control, or the version that somebody else saved meanwhile. */
export function useFormSave(formId: string, onSaved: (saved: Form) => void) {
  const t = useText();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [serverErrors, setServerErrors] = useState<Record<string, string>>({});
  const [stale, setStale] = useState<{ latest: Form | null } | null>(null);

  const explain = async (error: unknown, { form }: Attempt) => {
    if (hasCode(error, 'conflict.stale')) {
      setStale({ latest: await api.forms.get(formId).catch(() => null) });
      return;
    }
    if (isSignedOut(error)) return;
    const problem = problemOf(error);
    const byControl: Record<string, string> = {};
    const others: string[] = [];
    for (const one of problem.errors ?? []) {
      const control = controlOf(one, form);
      if (control) byControl[control] = fieldErrorText(one, language);
      else others.push(fieldErrorText(one, language));
    }
    setServerErrors(byControl);
    message.error(others.length > 0 ? others.join(' ') : problemLine(problem, language));
  };

  const mutation = useMutation({
    mutationFn: ({ form, baseVersion }: Attempt) => api.forms.save(formId, toDefinition(form), baseVersion),
    onMutate: () => setServerErrors({}),
    onSuccess: (saved) => {
      setStale(null);
      void client.invalidateQueries({ queryKey: ['forms'] });
      onSaved(saved);
      message.success(t.forms.saved(saved.version));
    },
    onError: explain,
  });
  return {
    save: mutation.mutate,
    saving: mutation.isPending,
    serverErrors,
    clearServerErrors: () => setServerErrors({}),
    stale,
    closeStale: () => setStale(null),
  };
}
