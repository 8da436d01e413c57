import { useState } from 'react';
import type { Code } from '../../api/types';
import { ago, moment } from '../../core/time';
import { Box, Heading, Tap, Txt } from '../../ui/kit';

/** More than this many are folded: the screen is for the code, not for its past. */
const SHOWN = 3;

interface Props {
  codes: Code[];
  now: number;
  busy: boolean;
  onEnd(code: Code): void;
}

/** The replaced codes that still work, each with its hour of death and a way to end it now (PRODUCT 3.2). */
export function OldCodes({ codes, now, busy, onEnd }: Props) {
  const [all, setAll] = useState(false);
  const alive = codes.filter((c) => c.expires_at_ms === null || c.expires_at_ms > now);
  if (alive.length === 0) return null;
  const shown = all ? alive : alive.slice(0, SHOWN);
  return (
    <Box className="old" testid="code-superseded">
      <Heading level={2} className="old-head">
        {`${alive.length}\u2009个旧码仍可用`}
      </Heading>
      {shown.map((code) => (
        <Old key={code.code_id} code={code} now={now} busy={busy} onEnd={() => onEnd(code)} />
      ))}
      {alive.length > shown.length && (
        <Tap className="old-more" onTap={() => setAll(true)}>
          {`查看其余 ${alive.length - shown.length} 个`}
        </Tap>
      )}
    </Box>
  );
}

function Old({ code, now, busy, onEnd }: { code: Code; now: number; busy: boolean; onEnd(): void }) {
  const scanned = code.last_scanned_at_ms;
  return (
    <Box className="old-row" testid="code-old">
      <Box className="old-words">
        <Box>
          <Txt className="num">{code.short_id}</Txt>
          {code.expires_at_ms !== null && (
            <>
              {'，'}
              <Txt className="old-until num">{moment(code.expires_at_ms, now)}</Txt>
              {' 失效'}
            </>
          )}
        </Box>
        <Box className="old-scan">{scanned === null ? '还没有人扫过' : `最近一次扫码 ${ago(scanned, now)}`}</Box>
      </Box>
      <Tap className="old-end" onTap={onEnd} disabled={busy} label={`立即作废旧码 ${code.short_id}`} testid="code-end">
        立即作废
      </Tap>
    </Box>
  );
}
