import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { Navigate, useLocation, useSearchParams } from 'react-router';
import { api } from '../api/client';
import { problemOf } from '../api/problem';
import { usePreferences } from '../app/preferences';
import { LanguageButton, ThemeButton } from '../app/Switches';
import { problemText, useText } from '../i18n';
import { Logo } from '../ui/Logo';
import { formatClock } from '../ui/time';
import { usePageTitle } from '../ui/usePageTitle';
import { safeNext, useBeginSession, useSessionQuery } from './session';
import './login.css';

interface Credentials {
  login: string;
  password: string;
}

export function LoginPage() {
  const t = useText();
  const [params] = useSearchParams();
  const location = useLocation();
  const session = useSessionQuery();
  const begin = useBeginSession();
  const login = useMutation({ mutationFn: (values: Credentials) => api.login(values), onSuccess: begin });
  usePageTitle(t.login.title);

  if (session.data) return <Navigate replace to={safeNext(params.get('next'))} />;
  const expired = (location.state as { expired?: boolean } | null)?.expired === true;
  return (
    <div className="login">
      <div className="login-tools">
        <LanguageButton />
        <ThemeButton />
      </div>
      <main className="login-card">
        <Logo />
        <h1>{t.login.title}</h1>
        {login.isError ? (
          <LoginFailure error={login.error} />
        ) : (
          expired && <Alert type="info" showIcon title={t.login.expired} />
        )}
        <Form<Credentials>
          layout="vertical"
          requiredMark={false}
          validateTrigger="onSubmit"
          onFinish={(values) => login.mutate(values)}
        >
          <Form.Item name="login" label={t.login.name} rules={[{ required: true, message: t.login.needName }]}>
            <Input size="large" autoComplete="username" autoFocus autoCapitalize="off" data-testid="login-name" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t.login.password}
            rules={[{ required: true, message: t.login.needPassword }]}
          >
            <Input.Password size="large" autoComplete="current-password" data-testid="login-password" />
          </Form.Item>
          <Button
            type="primary"
            size="large"
            htmlType="submit"
            block
            loading={login.isPending}
            data-testid="login-submit"
          >
            {t.login.submit}
          </Button>
        </Form>
        <p className="login-foot">{t.login.forgot}</p>
      </main>
    </div>
  );
}

/** Says until when, where the server slows down or locks. */
function LoginFailure({ error }: { error: unknown }) {
  const t = useText();
  const { language } = usePreferences();
  const problem = problemOf(error);
  const { title, detail } = problemText(problem, language);
  const until = problem.retry_at_ms ? t.login.retryAt(formatClock(problem.retry_at_ms)) : '';
  return (
    <Alert type="error" showIcon role="alert" title={title} description={[detail, until].filter(Boolean).join(' ')} />
  );
}
