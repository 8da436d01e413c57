import { useEffect } from 'react';
import { useText } from '../i18n';

/** Names the page in the tab, and so to a screen reader. */
export function usePageTitle(title: string): void {
  const t = useText();
  useEffect(() => {
    document.title = `${title} · ${t.brand} ${t.console}`;
  }, [title, t]);
}
