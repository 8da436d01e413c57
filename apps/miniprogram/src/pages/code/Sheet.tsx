import { useMemo } from 'react';
import type { CodeScreen } from '../../api/types';
import { qrDataUrl } from '../../core/qr';
import { ago } from '../../core/time';
import { Box, Heading, Picture, Tap, Txt } from '../../ui/kit';

interface Props {
  screen: CodeScreen;
  now: number;
  busy: boolean;
  onRefresh(): void;
}

/** The code as the customer sees it: white in both modes, for a scanner's sake. Tapping it refreshes at once. */
export function Sheet({ screen, now, busy, onRefresh }: Props) {
  const { code } = screen;
  const picture = useMemo(() => qrDataUrl(code.url), [code.url]);
  const scanned = code.last_scanned_at_ms;
  return (
    <Box className="sheet">
      <Heading level={2} className="sheet-company">
        {screen.merchant_full_name}
      </Heading>
      <Box className="sheet-who">业务经理 {screen.manager_name}</Box>
      <Tap
        className={`qr ${busy ? 'qr-busy' : ''}`}
        onTap={onRefresh}
        label="收款码，点一下换一个新码"
        testid="code-qr"
        dataUrl={code.url}
      >
        <Picture className="qr-picture" src={picture} label="" />
      </Tap>
      <Box className="sheet-id">
        码{' '}
        <Txt className="num" testid="code-short-id">
          {code.short_id}
        </Txt>{' '}
        · 微信扫码付款
      </Box>
      <Box className="sheet-tag">{code.name}</Box>
      <Box className="sheet-scan" testid="code-last-scan">
        {scanned === null ? '还没有人扫过这个码' : `最近一次扫码 ${ago(scanned, now)}`}
      </Box>
    </Box>
  );
}

export function SheetSkeleton() {
  return (
    <Box className="sheet" role="status" label="正在取收款码">
      <Box className="ghost ghost-company" />
      <Box className="ghost ghost-who" />
      <Box className="ghost ghost-qr" />
      <Box className="ghost ghost-who" />
    </Box>
  );
}
