import type { EditorForm } from './editor';

// A draft survives an expired session or a reload, in this tab only, and is forgotten at saving, discarding and logging out.
const PREFIX = 'mott.console.form-draft.';

export interface StoredDraft {
  baseVersion: number;
  form: EditorForm;
}

export function loadDraft(formId: string): StoredDraft | null {
  try {
    const text = sessionStorage.getItem(PREFIX + formId);
    const draft = text ? (JSON.parse(text) as Partial<StoredDraft>) : null;
    return draft?.baseVersion && Array.isArray(draft.form?.fields) ? (draft as StoredDraft) : null;
  } catch {
    return null;
  }
}

export function storeDraft(formId: string, draft: StoredDraft): void {
  try {
    sessionStorage.setItem(PREFIX + formId, JSON.stringify(draft));
  } catch {
    // No storage: the draft lives as long as the page.
  }
}

export function forgetDraft(formId: string): void {
  try {
    sessionStorage.removeItem(PREFIX + formId);
  } catch {
    // Nothing was stored then.
  }
}

export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing was stored then.
  }
}
