import { useEffect, useRef, useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { Verification } from '../../api/types';
import { cleanCode } from '../../core/mobile';
import { codeErrorText } from '../../core/words';
import { platform } from '../../platform';
import { logInByCode, sendCode } from '../../state/app';
import { useNow } from '../../ui/hooks';
import { Box, Field, FormBox, Heading, Tap, Txt } from '../../ui/kit';
import { Trouble } from './Trouble';

/** One code a minute (PRODUCT 3.1). Counted on this phone's clock, which need not agree with the server's. */
const PAUSE_MS = 60_000;

/** The second step of a login from another WeChat account or browser: the code that its mobile was sent. */
export function CodeStep({ verification, onBack }: { verification: Verification; onBack(error?: ApiError): void }) {
  const [code, setCode] = useState('');
  const [blame, setBlame] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [waitUntil, setWaitUntil] = useState(Date.now() + PAUSE_MS);
  const [busy, setBusy] = useState(false);
  const now = useNow(1000);
  // `now` may be up to a second old: the count never begins above the pause.
  const seconds = Math.min(Math.ceil((waitUntil - now) / 1000), PAUSE_MS / 1000);

  const fail = (e: unknown) => {
    const problem = asApiError(e);
    if (problem.code === 'login.ticket_over') return onBack(problem);
    const wrong = problem.problem?.errors?.find((field) => field.field === 'code');
    if (wrong) setBlame(codeErrorText(problem, Date.now()));
    else setError(problem);
  };

  const send = async () => {
    setError(null);
    setBlame(null);
    setWaitUntil(Date.now() + PAUSE_MS);
    try {
      const sent = await sendCode(verification.ticket);
      setSentTo(sent.mobile);
    } catch (e) {
      fail(e);
      const problem = asApiError(e);
      // Only a code that was sent a moment ago makes one wait; whatever else went wrong may be tried again.
      if (problem.code !== 'code.too_soon') setWaitUntil(0);
    }
  };

  const first = useRef(send);
  useEffect(() => void first.current(), []);

  const submit = async () => {
    if (busy) return;
    setError(null);
    const typed = cleanCode(code);
    if (!/^\d{6}$/.test(typed)) return setBlame('请输入短信里的 6 位数字。');
    setBlame(null);
    setBusy(true);
    try {
      await logInByCode(verification.ticket, typed);
      platform.restart('home');
    } catch (e) {
      fail(e);
      setBusy(false);
    }
  };

  return (
    <Box testid="login-code-step">
      <Box className="login-head">
        <Heading level={2} className="login-title">
          短信验证
        </Heading>
        <Box className="login-sub">
          这个账号绑定的是另一个微信或浏览器。请输入发到账号手机 <Txt className="num">{verification.mobile}</Txt>{' '}
          的验证码。
        </Box>
      </Box>
      <FormBox className="login-form" onSubmit={submit}>
        <Field
          name="code"
          label="验证码"
          kind="code"
          value={code}
          error={blame}
          onChange={(value) => {
            setCode(value);
            setBlame(null);
          }}
          onEnter={submit}
          testid="login-code"
          after={
            <Tap className="field-again" onTap={send} disabled={seconds > 0} testid="login-code-again">
              <Txt className="num">{seconds > 0 ? `${seconds}\u2009秒` : '重新获取'}</Txt>
            </Tap>
          }
        />
        {sentTo && !error && !blame && (
          <Box className="login-sent" live="polite">
            验证码已发出，5&#8201;分钟内有效。
          </Box>
        )}
        {error && <Trouble text={codeErrorText(error, now)} />}
        <Tap className="big login-go" submit onTap={submit} disabled={busy} testid="login-code-submit">
          <Txt>{busy ? '正在登录…' : '验证并登录'}</Txt>
        </Tap>
      </FormBox>
      <Tap className="login-back" onTap={() => onBack()} testid="login-code-back">
        <Txt>返回，换个账号登录</Txt>
      </Tap>
      <Box className="login-help">
        验证后账号改绑到这里，原来的设备会退出。手机收不到短信或已换号，请联系公司的系统管理员。
      </Box>
    </Box>
  );
}
