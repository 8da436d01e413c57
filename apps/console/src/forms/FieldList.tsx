import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { type Dispatch, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n';
import { type EditorAction, type EditorField, MAX_FIELDS } from './editor';
import { FieldCard } from './FieldCard';

interface FieldListProps {
  fields: EditorField[];
  errorAt(control: string): string | undefined;
  dispatch: Dispatch<EditorAction>;
}

type Removed = { field: EditorField; at: number };

/** The fields in the payer's order. Buttons do everything; the focus follows what was added, moved or removed. */
export function FieldList({ fields, errorAt, dispatch }: FieldListProps) {
  const t = useText();
  const list = useRef<HTMLElement>(null);
  const focusNext = useRef<string | null>(null);
  const [said, setSaid] = useState('');
  const [removed, setRemoved] = useState<Removed | null>(null);
  const nameOf = (field: EditorField) => field.label.trim() || t.forms.unnamed;

  useEffect(() => {
    if (focusNext.current === null) return;
    const target = list.current?.querySelector<HTMLElement>(focusNext.current);
    focusNext.current = null;
    target?.focus();
    target?.scrollIntoView({ block: 'nearest' });
  });

  const add = () => {
    setRemoved(null);
    focusNext.current = 'li:last-child [data-label]';
    dispatch({ type: 'add' });
  };
  const move = (field: EditorField, at: number, by: -1 | 1) => {
    const to = at + by;
    const atEnd = to === 0 || to === fields.length - 1;
    const button = atEnd ? (by === 1 ? 'up' : 'down') : by === 1 ? 'down' : 'up';
    focusNext.current = `[data-field="${field.key}"] [data-move="${button}"]`;
    setSaid(t.forms.moved(nameOf(field), to + 1));
    dispatch({ type: 'move', key: field.key, by });
  };
  const remove = (field: EditorField, at: number) => {
    setRemoved({ field, at });
    setSaid(t.forms.removed(nameOf(field)));
    focusNext.current = '[data-undo]';
    dispatch({ type: 'remove', key: field.key });
  };
  const undo = ({ field, at }: Removed) => {
    setRemoved(null);
    focusNext.current = `[data-field="${field.key}"] [data-label]`;
    dispatch({ type: 'insert', at, field });
  };

  return (
    <section ref={list} className="card card-padded" aria-labelledby="fields-title">
      <div className="card-head">
        <h2 id="fields-title">{t.forms.fieldsTitle}</h2>
        <span className="quiet num">{t.forms.fieldCount(fields.length)}</span>
      </div>
      <ol className="field-list">
        {fields.map((field, at) => (
          <FieldCard
            key={field.key}
            field={field}
            position={at + 1}
            isLast={at === fields.length - 1}
            errorAt={(name) => errorAt(`${field.key}.${name}`)}
            onChange={(patch) => dispatch({ type: 'field', key: field.key, patch })}
            onMove={(by) => move(field, at, by)}
            onRemove={() => remove(field, at)}
          />
        ))}
      </ol>
      {fields.length === 0 && <p className="quiet no-fields">{t.forms.noFields}</p>}
      <div className="field-foot">
        <Button
          icon={<PlusOutlined />}
          disabled={fields.length >= MAX_FIELDS}
          onClick={add}
          data-testid="form-add-field"
        >
          {t.forms.addField}
        </Button>
        {removed && (
          <span className="removed">
            {t.forms.removed(nameOf(removed.field))}
            <button type="button" className="link" data-undo onClick={() => undo(removed)}>
              {t.forms.undo}
            </button>
          </span>
        )}
      </div>
      <span className="unseen" role="status">
        {said}
      </span>
    </section>
  );
}
