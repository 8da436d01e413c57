import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

export type ThemeName = 'light' | 'dark';
export type Language = 'zh' | 'en';

const THEME_KEY = 'mott.console.theme';
const LANG_KEY = 'mott.console.lang';

/** Storage may be forbidden by the browser; a preference that cannot be kept still works for the visit. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Kept for this visit only.
  }
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}

interface Preferences {
  theme: ThemeName;
  setTheme(theme: ThemeName): void;
  language: Language;
  setLanguage(language: Language): void;
  reducedMotion: boolean;
}

const PreferencesContext = createContext<Preferences | null>(null);

function storedTheme(): ThemeName | null {
  const stored = readStored(THEME_KEY);
  return stored === 'dark' || stored === 'light' ? stored : null;
}

/** Theme and language: the person's choice if there is one, else the system's theme and Chinese. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const reducedMotion = useMedia('(prefers-reduced-motion: reduce)');
  const [chosen, setChosen] = useState<ThemeName | null>(storedTheme);
  const [language, setLanguage] = useState<Language>(() => (readStored(LANG_KEY) === 'en' ? 'en' : 'zh'));
  const theme = chosen ?? (systemDark ? 'dark' : 'light');

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  }, [language]);

  const value = useMemo<Preferences>(
    () => ({
      theme,
      setTheme: (next) => {
        writeStored(THEME_KEY, next);
        setChosen(next);
      },
      language,
      setLanguage: (next) => {
        writeStored(LANG_KEY, next);
        setLanguage(next);
      },
      reducedMotion,
    }),
    [theme, language, reducedMotion],
  );
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (!preferences) throw new Error('usePreferences outside its provider');
  return preferences;
}

/** True while the window is at least this wide. */
export function useWide(minWidth: number): boolean {
  return useMedia(`(min-width: ${minWidth}px)`);
}
