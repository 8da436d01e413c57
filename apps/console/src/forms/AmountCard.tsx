import { Input, Segmented } from 'antd';
import type { Dispatch } from 'react';
import { useText } from '../i18n';
import { Control } from '../ui/Control';
import type { EditorAction, EditorAmount } from './editor';

interface AmountCardProps {
  amount: EditorAmount;
  errorAt(control: string): string | undefined;
  dispatch: Dispatch<EditorAction>;
}

export function AmountCard({ amount, errorAt, dispatch }: AmountCardProps) {
  const t = useText();
  const change = (patch: Partial<EditorAmount>) => dispatch({ type: 'amount', patch });
  const money = (name: 'fixed' | 'min' | 'max', label: string) => (
    <Control label={label} error={errorAt(`amount.${name}`)}>
      {(props) => (
        <Input
          {...props}
          className="num money-input"
          prefix="¥"
          inputMode="decimal"
          autoComplete="off"
          value={amount[name]}
          onChange={(event) => change({ [name]: event.target.value })}
          data-testid={`form-amount-${name}`}
        />
      )}
    </Control>
  );
  return (
    <section className="card card-padded" aria-labelledby="amount-title">
      <div className="card-head">
        <h2 id="amount-title">{t.forms.amountTitle}</h2>
        <Segmented<EditorAmount['mode']>
          aria-label={t.forms.amountMode}
          value={amount.mode}
          onChange={(mode) => change({ mode })}
          options={[
            { value: 'typed', label: t.forms.modes.typed },
            { value: 'fixed', label: t.forms.modes.fixed },
          ]}
        />
      </div>
      <div className="control-grid">
        <Control label={t.forms.amountLabel} error={errorAt('amount.label')}>
          {(props) => (
            <Input
              {...props}
              autoComplete="off"
              value={amount.label}
              onChange={(event) => change({ label: event.target.value })}
              data-testid="form-amount-label"
            />
          )}
        </Control>
        {amount.mode === 'fixed' ? (
          money('fixed', t.forms.fixedAmount)
        ) : (
          <>
            {money('min', t.forms.minAmount)}
            {money('max', t.forms.maxAmount)}
          </>
        )}
      </div>
    </section>
  );
}
