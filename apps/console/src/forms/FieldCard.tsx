import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, Segmented, Select } from 'antd';
import { useText } from '../i18n';
import { Control } from '../ui/Control';
import type { EditorField } from './editor';

interface FieldCardProps {
  field: EditorField;
  position: number;
  isLast: boolean;
  errorAt(name: string): string | undefined;
  onChange(patch: Partial<EditorField>): void;
  onMove(by: -1 | 1): void;
  onRemove(): void;
}

export function FieldCard({ field, position, isLast, errorAt, onChange, onMove, onRemove }: FieldCardProps) {
  const t = useText();
  const name = field.label.trim() || t.forms.unnamed;
  return (
    <li className="field-card" data-field={field.key} data-testid="form-field" aria-label={t.forms.fieldN(position)}>
      <div className="field-head">
        <span className="field-position num">{position}</span>
        <Segmented<EditorField['kind']>
          aria-label={`${name} ${t.forms.kinds.text}/${t.forms.kinds.choice}`}
          value={field.kind}
          onChange={(kind) => onChange({ kind })}
          options={[
            { value: 'text', label: t.forms.kinds.text },
            { value: 'choice', label: t.forms.kinds.choice },
          ]}
        />
        <Checkbox checked={field.required} onChange={(event) => onChange({ required: event.target.checked })}>
          {t.forms.required}
        </Checkbox>
        {field.kind === 'choice' && (
          <Checkbox checked={field.multiple} onChange={(event) => onChange({ multiple: event.target.checked })}>
            {t.forms.multiple}
          </Checkbox>
        )}
        <span className="field-buttons">
          <Button
            type="text"
            icon={<ArrowUpOutlined />}
            disabled={position === 1}
            aria-label={t.forms.moveUp(name)}
            title={t.forms.moveUp(name)}
            data-move="up"
            onClick={() => onMove(-1)}
          />
          <Button
            type="text"
            icon={<ArrowDownOutlined />}
            disabled={isLast}
            aria-label={t.forms.moveDown(name)}
            title={t.forms.moveDown(name)}
            data-move="down"
            onClick={() => onMove(1)}
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t.forms.remove(name)}
            title={t.forms.remove(name)}
            onClick={onRemove}
          />
        </span>
      </div>
      <div className="control-grid">
        <Control label={t.forms.label} error={errorAt('label')}>
          {(props) => (
            <Input
              {...props}
              autoComplete="off"
              value={field.label}
              onChange={(event) => onChange({ label: event.target.value })}
              data-label
              data-testid="form-field-label"
            />
          )}
        </Control>
        <Control label={t.forms.help} error={errorAt('help')} className="span-2">
          {(props) => (
            <Input
              {...props}
              autoComplete="off"
              placeholder={t.forms.helpPlaceholder}
              value={field.help}
              onChange={(event) => onChange({ help: event.target.value })}
            />
          )}
        </Control>
        {field.kind === 'text' ? (
          <TextRules field={field} errorAt={errorAt} onChange={onChange} />
        ) : (
          <Control label={t.forms.options} error={errorAt('options')} className="span-3">
            {(props) => (
              <Input.TextArea
                {...props}
                autoSize={{ minRows: 3, maxRows: 12 }}
                value={field.options}
                onChange={(event) => onChange({ options: event.target.value })}
                data-testid="form-field-options"
              />
            )}
          </Control>
        )}
      </div>
    </li>
  );
}

const RULES = ['none', 'digits', 'mobile'] as const;

function TextRules({ field, errorAt, onChange }: Pick<FieldCardProps, 'field' | 'errorAt' | 'onChange'>) {
  const t = useText();
  return (
    <>
      <Control label={t.forms.rule} error={errorAt('rule')}>
        {(props) => (
          <Select
            {...props}
            value={field.rule}
            onChange={(rule) => onChange({ rule })}
            options={RULES.map((rule) => ({ value: rule, label: t.forms.rules[rule] }))}
          />
        )}
      </Control>
      <Control label={t.forms.maxLength} error={errorAt('maxLength')}>
        {(props) => (
          <Input
            {...props}
            className="num"
            inputMode="numeric"
            autoComplete="off"
            value={field.maxLength}
            onChange={(event) => onChange({ maxLength: event.target.value })}
          />
        )}
      </Control>
    </>
  );
}
