import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { api } from '../api/client';
import { problemOf } from '../api/problem';
import type { Refund, RefundAction } from '../api/types';
import { usePreferences } from '../app/preferences';
import { problemLine, useText } from '../i18n';
import { formatFen } from '../ui/money';
import { WordsDialog } from '../ui/WordsDialog';

/** Whatever moves a refund may move its order, the inbox and the signs in the menu. */
export function useRefundsChanged(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ['refunds', 'refund', 'order', 'orders', 'order-refunds', 'inbox', 'todo']) {
      void client.invalidateQueries({ queryKey: [key] });
    }
  };
}

/** What this admin may do with the refund now, as the server says; each asks first. */
export function RefundActions({ refund }: { refund: Refund }) {
  const t = useText();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const changed = useRefundsChanged();
  const [asking, setAsking] = useState<RefundAction | null>(null);
  const retry = useMutation({
    mutationFn: () => api.refunds.retry(refund.refund_id),
    onSuccess: () => message.success(t.refunds.done.retry),
    onError: (error) => message.error(problemLine(problemOf(error), language)),
    onSettled: changed,
  });
  if (refund.may.length === 0) return null;
  return (
    <div className="refund-actions">
      {refund.may.map((action) => (
        <Button
          key={action}
          type={action === 'approve' ? 'primary' : 'default'}
          danger={action === 'decline' || action === 'withdraw'}
          loading={action === 'retry' && retry.isPending}
          data-testid={`refund-${action}`}
          onClick={() => (action === 'retry' ? retry.mutate() : setAsking(action))}
        >
          {action === 'approve' && refund.status === 'outside' ? t.refunds.confirmOutside : t.refunds.actions[action]}
        </Button>
      ))}
      {asking && asking !== 'retry' && (
        <ActionDialog refund={refund} action={asking} onDone={changed} onClose={() => setAsking(null)} />
      )}
    </div>
  );
}

interface ActionDialogProps {
  refund: Refund;
  action: Exclude<RefundAction, 'retry'>;
  onDone(): void;
  onClose(): void;
}

function ActionDialog({ refund, action, onDone, onClose }: ActionDialogProps) {
  const t = useText();
  const { message } = App.useApp();
  const words = t.refunds.dialogs[action === 'approve' && refund.status === 'outside' ? 'confirmOutside' : action];
  const call = action === 'withdraw' ? api.refunds.decline : api.refunds[action];
  return (
    <WordsDialog
      title={words.title(formatFen(refund.amount_fen))}
      consequences={words.text}
      label={words.label}
      ok={words.ok}
      danger={action === 'decline' || action === 'withdraw'}
      optional={action === 'approve'}
      onSay={(said) => call(refund.refund_id, said)}
      onDone={() => {
        message.success(t.refunds.done[action]);
        onDone();
      }}
      onClose={onClose}
    />
  );
}
