import { useEffect, useState } from 'react';
import type { PaymentRecord } from '../../api/types';
import { formatFen } from '../../core/money';
import { ago } from '../../core/time';
import { liveStore, onlineStore, onPayment } from '../../state/app';
import { useStore } from '../../state/store';
import { Icon } from '../../ui/Icon';
import { Box, Txt } from '../../ui/kit';

/** How long payments count as "just now" together: two in a row must not hide one behind the other. */
const TOGETHER_MS = 60_000;

interface Arrived {
  record: PaymentRecord;
  atMs: number;
}

/** The strip above the code: what just arrived, else whether we would hear of it. */
export function Arrivals({ now }: { now: number }) {
  const [arrived, setArrived] = useState<Arrived[]>([]);
  useEffect(
    () => onPayment((record) => setArrived((list) => [{ record, atMs: Date.now() }, ...list].slice(0, 100))),
    [],
  );
  const online = useStore(onlineStore);
  const latest = arrived[0];
  const offline = !online && (
    <Box className="strip strip-warn" role="status" testid="code-offline">
      <Icon name="wifi-off" />
      <Txt>没有网络。收款码照常可用，联网后会补上到账提醒。</Txt>
    </Box>
  );
  if (!latest) return offline || <Waiting />;
  const others = arrived.slice(1).filter((a) => now - a.atMs < TOGETHER_MS).length;
  return (
    <>
      {offline}
      <Box key={latest.record.record_id} className="got" live="polite" role="status" testid="live-banner">
        <Box className="dot dot-got" hidden />
        <Box className="got-words">
          <Box className="got-title">{latest.record.title || '客户付款'}</Box>
          <Box className="got-sub">
            {`${ago(latest.atMs, Math.max(now, latest.atMs))}到账${others > 0 ? `，另有 ${others} 笔` : ''}`}
          </Box>
        </Box>
        <Box className="got-sum sum num">+{formatFen(latest.record.amount_fen)}</Box>
      </Box>
    </>
  );
}

function Waiting() {
  const status = useStore(liveStore);
  const open = status === 'open';
  return (
    <Box className="strip" role="status" testid="live-status">
      <Box className={`dot ${open ? 'dot-on' : 'dot-off'}`} hidden />
      <Txt>{open ? '等待客户付款，到账会显示在这里' : '正在连接，收款码照常可用'}</Txt>
    </Box>
  );
}
