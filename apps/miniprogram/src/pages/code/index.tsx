import { useDidHide, useDidShow } from '@tarojs/taro';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Code } from '../../api/types';
import { platform } from '../../platform';
import { onlineStore, onPayment } from '../../state/app';
import { useStore } from '../../state/store';
import { useNow, useSession } from '../../ui/hooks';
import { Icon } from '../../ui/Icon';
import { Box, Dialog, Screen, Tap, Txt } from '../../ui/kit';
import { Failed } from '../../ui/States';
import './index.css';
import { Arrivals } from './Arrivals';
import { OldCodes } from './OldCodes';
import { Sheet, SheetSkeleton } from './Sheet';
import { type CodeState, UNDO_MS, useCode } from './useCode';

export default function CodePage() {
  const session = useSession();
  const state = useCode();
  const [ending, setEnding] = useState<Code | null>(null);
  const now = useNow(1000);
  const { screen, loadError } = state;
  usePresenting();
  useDidShow(() => {
    if (session) state.load();
  });
  useReloadOnline(state.load);
  useReloadPaid(state.load);

  return (
    <Screen title="收款码" tone="code">
      <Arrivals now={now} />
      {screen && <Sheet screen={screen} now={now} busy={state.busy} onRefresh={state.refresh} />}
      {!screen && !loadError && <SheetSkeleton />}
      {!screen && loadError && (
        <Box className="sheet">
          <Failed text={loadError.message} onRetry={state.load} />
        </Box>
      )}
      {screen && <Actions state={state} now={now} />}
      {screen && <OldCodes codes={screen.superseded} now={now} busy={state.busy} onEnd={setEnding} />}
      {ending && (
        <Dialog
          title={`作废旧码 ${ending.short_id}？`}
          text="作废后，发出去的这个码马上不能再付款，也不能恢复。已经提交、正在付款的客户仍可付完。"
          confirm="立即作废"
          danger
          onConfirm={() => {
            state.end(ending);
            setEnding(null);
          }}
          onCancel={() => setEnding(null)}
        />
      )}
    </Screen>
  );
}

/** The screen stays on and bright only while the code is in front of somebody. */
function usePresenting(): void {
  const restore = useRef<(() => void) | null>(null);
  const leave = useCallback(() => {
    restore.current?.();
    restore.current = null;
  }, []);
  const enter = useCallback(() => {
    restore.current ??= platform.presentScreen();
  }, []);
  useDidShow(enter);
  useDidHide(leave);
  useEffect(() => {
    enter();
    return leave;
  }, [enter, leave]);
}

function useReloadOnline(load: () => void): void {
  const online = useStore(onlineStore);
  const was = useRef(online);
  useEffect(() => {
    if (online && !was.current) load();
    was.current = online;
  }, [online, load]);
}

/** From 10 down to 1; the page's clock may be a second behind the press. */
function secondsLeft(untilMs: number, now: number): number {
  return Math.min(UNDO_MS / 1000, Math.max(1, Math.ceil((untilMs - now) / 1000)));
}

/** A code that was just paid was just scanned, which the line under it must not deny. */
function useReloadPaid(load: () => void): void {
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => onPayment(() => latest.current()), []);
}

function Actions({ state, now }: { state: CodeState; now: number }) {
  const [open, setOpen] = useState(false);
  const { undoUntilMs } = state;
  return (
    <>
      <Box className="acts-line">
        {undoUntilMs !== null && (
          <Box className="undo" role="status">
            <Icon name="check" />
            <Txt>已刷新</Txt>
            <Tap className="undo-act" onTap={state.undo} disabled={state.busy} testid="code-undo" label="撤销刷新">
              <Icon name="undo-2" />
              <Txt>撤销</Txt>
              <Txt className="undo-left num">{String(secondsLeft(undoUntilMs, now))}</Txt>
            </Tap>
          </Box>
        )}
        <Tap className="fold" expanded={open} onTap={() => setOpen(!open)} testid="code-expand">
          <Txt>{open ? '收起' : '展开'}</Txt>
          <Icon name={open ? 'chevron-up' : 'chevron-down'} />
        </Tap>
      </Box>
      {state.actionError && (
        <Box className="code-error" role="alert" testid="code-error">
          <Icon name="circle-alert" />
          <Txt>{state.actionError}</Txt>
        </Box>
      )}
      {open && (
        <Tap className="act" onTap={state.refresh} disabled={state.busy} testid="code-refresh">
          <Icon name="refresh-cw" className={state.busy ? 'turning' : ''} />
          <Box className="act-words">
            <Box className="act-name">刷新</Box>
            <Box className="act-hint">换一个新码，现在这个码三小时后失效</Box>
          </Box>
        </Tap>
      )}
    </>
  );
}
