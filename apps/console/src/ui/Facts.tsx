import { useText } from '../i18n';
import { CopyButton } from './CopyButton';

export interface Fact {
  label: string;
  value: string;
  /** Tabular figures. */
  num?: boolean;
  copy?: boolean;
}

export function Facts({ facts }: { facts: Fact[] }) {
  const t = useText();
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={`${fact.label} ${fact.value}`}>
          <dt>{fact.label}</dt>
          <dd className={[fact.num && 'num', fact.copy && 'copyable'].filter(Boolean).join(' ')}>
            {fact.value || t.common.none}
            {fact.copy && <CopyButton text={fact.value} label={`${t.common.copy} ${fact.label}`} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
