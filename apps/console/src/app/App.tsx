import { QueryClientProvider } from '@tanstack/react-query';
import { App as AntdApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useMemo } from 'react';
import { RouterProvider } from 'react-router/dom';
import { PreferencesProvider, usePreferences } from './preferences';
import { queryClient } from './queryClient';
import { router } from './router';
import { antdThemeFor } from './theme';

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <PreferencesProvider>
        <Themed />
      </PreferencesProvider>
    </QueryClientProvider>
  );
}

function Themed() {
  const { theme, language, reducedMotion } = usePreferences();
  const antd = useMemo(() => antdThemeFor(theme, reducedMotion), [theme, reducedMotion]);
  return (
    <ConfigProvider
      theme={antd}
      locale={language === 'en' ? enUS : zhCN}
      // "保存", not "保 存": the design language puts no spaces inside words.
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <AntdApp component={false}>
        <RouterProvider router={router} />
      </AntdApp>
    </ConfigProvider>
  );
}
