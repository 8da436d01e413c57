import { useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { Verification } from '../../api/types';
import { cleanMobile } from '../../core/mobile';
import { loginErrorText } from '../../core/words';
import { platform } from '../../platform';
import { logIn } from '../../state/app';
import { useNow } from '../../ui/hooks';
import { Icon } from '../../ui/Icon';
import { Box, Field, FormBox, Heading, Screen, Tap, Txt } from '../../ui/kit';
import { CodeStep } from './CodeStep';
import { Trouble } from './Trouble';
import './index.css';

export default function Login() {
  const [mobile, setMobile] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [blame, setBlame] = useState<{ field: 'mobile' | 'password'; text: string } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [verification, setVerification] = useState<Verification | null>(null);

  const submit = async () => {
    if (busy) return;
    setError(null);
    const account = cleanMobile(mobile);
    const wrong = check(account, password);
    setBlame(wrong);
    if (wrong) return;
    setBusy(true);
    try {
      await logIn(account, password);
      platform.restart('home');
    } catch (e) {
      const problem = asApiError(e);
      const next = problem.problem?.verification;
      if (next) setVerification(next);
      else setError(problem);
      setBusy(false);
    }
  };

  const back = (why?: ApiError) => {
    setVerification(null);
    setError(why ?? null);
  };

  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setBlame(null);
  };

  if (verification) {
    return (
      <Screen title="登录">
        <CodeStep verification={verification} onBack={back} />
      </Screen>
    );
  }
  return (
    <Screen title="登录">
      <Box className="login-head">
        <Heading level={2} className="login-title">
          登录星收付
        </Heading>
        <Box className="login-sub">账号是手机号，密码是后台登记时设置的密码。</Box>
      </Box>
      <FormBox className="login-form" onSubmit={submit}>
        <Field
          name="mobile"
          label="手机号"
          kind="mobile"
          value={mobile}
          error={blame?.field === 'mobile' ? blame.text : null}
          onChange={change(setMobile)}
          onEnter={submit}
          testid="login-mobile"
        />
        <Field
          name="password"
          label="密码"
          kind="password"
          shown={shown}
          value={password}
          error={blame?.field === 'password' ? blame.text : null}
          onChange={change(setPassword)}
          onEnter={submit}
          testid="login-password"
          after={
            <Tap
              className="field-eye"
              label={shown ? '隐藏密码' : '显示密码'}
              onTap={() => setShown(!shown)}
              testid="login-show"
            >
              <Icon name={shown ? 'eye-off' : 'eye'} />
            </Tap>
          }
        />
        {error && <Waiting error={error} />}
        <Tap className="big login-go" submit onTap={submit} disabled={busy} testid="login-submit">
          <Txt>{busy ? '正在登录…' : '登录'}</Txt>
        </Tap>
      </FormBox>
      <Box className="login-help">
        忘记密码、换了手机号或没有收到邮件，请联系公司的系统管理员。同一账号在别处登录，先登录的会被挤出。
      </Box>
    </Screen>
  );
}

function check(mobile: string, password: string): { field: 'mobile' | 'password'; text: string } | null {
  if (!mobile) return { field: 'mobile', text: '请输入手机号。' };
  if (!/^1\d{10}$/.test(mobile)) return { field: 'mobile', text: '手机号应是 1 开头的 11 位数字，请检查。' };
  if (!password) return { field: 'password', text: '请输入密码。' };
  return null;
}

/** Some refusals say until when, and count down. */
function Waiting({ error }: { error: ApiError }) {
  const now = useNow(1000);
  return <Trouble text={loginErrorText(error, now)} />;
}
