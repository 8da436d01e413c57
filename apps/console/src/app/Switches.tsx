import { MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useText } from '../i18n';
import { usePreferences } from './preferences';

export function ThemeButton() {
  const t = useText();
  const { theme, setTheme } = usePreferences();
  const dark = theme === 'dark';
  const label = dark ? t.common.toLight : t.common.toDark;
  return (
    <Button
      type="text"
      icon={dark ? <SunOutlined /> : <MoonOutlined />}
      aria-label={label}
      title={label}
      data-testid="theme-switch"
      onClick={() => setTheme(dark ? 'light' : 'dark')}
    />
  );
}

export function LanguageButton() {
  const t = useText();
  const { language, setLanguage } = usePreferences();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <Button
      type="text"
      lang={other === 'en' ? 'en' : 'zh-CN'}
      aria-label={t.common.language}
      title={t.common.language}
      data-testid="language-switch"
      onClick={() => setLanguage(other)}
    >
      {other === 'en' ? 'English' : '中文'}
    </Button>
  );
}
