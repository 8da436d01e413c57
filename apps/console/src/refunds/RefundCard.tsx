import { Link } from 'react-router';
import type { Refund } from '../api/types';
import { useText } from '../i18n';
import { type Fact, Facts } from '../ui/Facts';
import { formatFen } from '../ui/money';
import { Pill } from '../ui/Pill';
import { formatTime } from '../ui/time';
import { RefundActions } from './actions';
import { REFUND_TONE } from './status';

/** One refund: how much, where it stands, who said what, and what may be done about it. */
export function RefundCard({ refund, linked }: { refund: Refund; linked?: boolean }) {
  const t = useText();
  return (
    <div className="payment" data-testid="refund-card">
      <div className="payment-head">
        <Pill tone={REFUND_TONE[refund.status]} testid="refund-status">
          {t.refunds.statuses[refund.status]}
        </Pill>
        {linked && (
          <Link className="quiet num" to={`/refunds/${refund.refund_id}`}>
            {refund.out_refund_no}
          </Link>
        )}
        <strong className="num amount">¥{formatFen(refund.amount_fen)}</strong>
      </div>
      <Facts facts={refundFacts(refund, t)} />
      {refund.note && <p className="payment-note">{refund.note}</p>}
      <p className="quiet refund-next">{t.refunds.next[refund.status]}</p>
      <RefundActions refund={refund} />
    </div>
  );
}

function refundFacts(refund: Refund, t: ReturnType<typeof useText>): Fact[] {
  const said = (words: string) => (words ? `${t.refunds.colon}${words}` : '');
  const facts: Fact[] = [];
  if (refund.kind === 'found') {
    facts.push({ label: t.refunds.asker, value: t.refunds.found });
  } else {
    facts.push({ label: t.refunds.reason, value: refund.reason });
    facts.push({ label: t.refunds.asker, value: `${refund.asked.name} · ${formatTime(refund.asked.at_ms)}` });
  }
  if (refund.outside) {
    const { name, at_ms, words } = refund.outside;
    facts.push({ label: t.refunds.whereTo, value: `${name} · ${formatTime(at_ms)}${said(words)}` });
  }
  if (refund.decided) {
    const { name, at_ms, words } = refund.decided;
    facts.push({ label: t.refunds.decider, value: `${name} · ${formatTime(at_ms)}${said(words)}` });
  }
  if (refund.success_at_ms !== null) {
    facts.push({ label: t.refunds.successAt, value: formatTime(refund.success_at_ms), num: true });
  }
  if (refund.received_account) facts.push({ label: t.refunds.account, value: refund.received_account });
  if (refund.institution_refund_id) {
    facts.push({ label: t.refunds.theirNo, value: refund.institution_refund_id, num: true, copy: true });
  }
  return facts;
}
