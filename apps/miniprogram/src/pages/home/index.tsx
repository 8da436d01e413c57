import { useDidShow } from '@tarojs/taro';
import { useState } from 'react';
import type { ApiError } from '../../api/errors';
import { bigSumClass, formatFen } from '../../core/money';
import { attentionName } from '../../core/words';
import { platform } from '../../platform';
import {
  attentionStore,
  loadAttention,
  loadToday,
  noticeStore,
  onlineStore,
  type Session,
  sessionStore,
  todayStore,
} from '../../state/app';
import { useStore } from '../../state/store';
import { Icon } from '../../ui/Icon';
import { Box, Heading, Screen, Tap, Txt } from '../../ui/kit';
import './index.css';

export default function Home() {
  const session = useStore(sessionStore);
  return (
    <Screen title="星收付" top="none">
      {session ? <LoggedIn session={session} /> : <LoggedOut />}
    </Screen>
  );
}

const STEPS = [
  ['登录', '手机号，和登记邮件里的密码。'],
  ['出示收款码', '客户扫一扫，填好内容，付款。'],
  ['看到账', '付款成功马上显示，记录随时可查。'],
] as const;

function LoggedOut() {
  const notice = useStore(noticeStore);
  return (
    <>
      <Box className="home-top">
        <Heading level={1} className="home-brand">
          星收付
        </Heading>
        <Tap className="pill pill-green" onTap={() => platform.go('login')} testid="home-login">
          请登录
        </Tap>
      </Box>
      {notice && (
        <Box className="note note-gold" role="status" testid="home-notice">
          <Icon name="circle-alert" />
          <Txt>{notice}</Txt>
        </Box>
      )}
      <Box className="card home-intro">
        <Heading level={2} className="home-intro-title">
          随时随地，扫码收款
        </Heading>
        {STEPS.map(([title, text], i) => (
          <Box className="step" key={title}>
            <Box className="step-no num" hidden>
              {i + 1}
            </Box>
            <Box className="step-words">
              <Box className="step-title">{title}</Box>
              <Box className="step-text">{text}</Box>
            </Box>
          </Box>
        ))}
      </Box>
      <Box className="home-hint">
        业务经理由公司管理员在后台登记，不能自己注册。没有收到邮件，请联系管理员核对邮箱地址。
      </Box>
    </>
  );
}

function LoggedIn({ session }: { session: Session }) {
  const { manager } = session;
  return (
    <>
      <Box className="home-top">
        <Box className="avatar" hidden>
          {Array.from(manager.name)[0]}
        </Box>
        <Box className="who">
          <Heading level={1} className="who-name">
            {manager.name}
          </Heading>
          <Box className="who-where">
            {manager.merchant_short_name} · {manager.org_unit_name}
          </Box>
        </Box>
      </Box>
      <TodayCard />
      <AttentionCard />
      <Tap className="big" onTap={() => platform.go('code')} testid="home-code">
        <Icon name="qr-code" />
        <Txt>收款码</Txt>
      </Tap>
      <Box className="card list">
        <Row icon="receipt-text" text="收款记录" onTap={() => platform.go('records')} testid="home-records" />
        <Row icon="settings" text="设置" onTap={() => platform.go('settings')} testid="home-settings" />
      </Box>
    </>
  );
}

/** Money of an own order that the company must look at: said here, dealt with in the back office (PRODUCT 6.2). */
function AttentionCard() {
  const items = useStore(attentionStore);
  useDidShow(() => void loadAttention());
  if (!items || items.length === 0) return null;
  return (
    <Box className="card attention" testid="home-attention">
      <Heading level={2} className="attention-title">
        公司正在处理
      </Heading>
      {items.map((item) => (
        <Box className="attention-line" key={item.inbox_id}>
          <Box className="attention-words">
            <Box>{attentionName(item)}</Box>
            <Box className="attention-sub">{item.title}</Box>
          </Box>
          <Txt className="attention-sum num">{`¥${formatFen(item.amount_fen)}`}</Txt>
        </Box>
      ))}
    </Box>
  );
}

function TodayCard() {
  const today = useStore(todayStore);
  const online = useStore(onlineStore);
  const [error, setError] = useState<ApiError | null>(null);
  const load = () => void loadToday().then(setError);
  useDidShow(load);
  return (
    <Box className="card today">
      <Heading level={2} className="today-label">
        今日收款
      </Heading>
      <Box className={`today-sum ${bigSumClass(today?.sum_fen ?? 0)}`} live="polite">
        {today ? (
          <>
            <Txt className="today-yuan">¥</Txt>
            <Txt testid="home-today-sum">{formatFen(today.sum_fen)}</Txt>
          </>
        ) : (
          <Txt className={error ? 'today-none' : 'today-wait'}>{error ? '—' : ''}</Txt>
        )}
      </Box>
      <Box className="today-foot">
        {today && (
          <Txt>
            <Txt className="num" testid="home-today-count">
              {String(today.count)}
            </Txt>
            {'\u2009笔'}
          </Txt>
        )}
        {error ? (
          <Tap className="today-retry" onTap={load}>
            {online ? '没有更新成功 · 重试' : '没有网络 · 重试'}
          </Tap>
        ) : (
          today?.count === 0 && <Txt>出示收款码，等第一笔到账</Txt>
        )}
      </Box>
    </Box>
  );
}

function Row({ icon, text, onTap, testid }: { icon: string; text: string; onTap(): void; testid: string }) {
  return (
    <Tap className="row" onTap={onTap} testid={testid}>
      <Icon name={icon} className="row-icon" />
      <Txt className="row-text">{text}</Txt>
      <Icon name="chevron-right" className="row-go" />
    </Tap>
  );
}
