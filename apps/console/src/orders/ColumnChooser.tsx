import { TableOutlined } from '@ant-design/icons';
import { Button, Checkbox, Popover } from 'antd';
import { useText } from '../i18n';
import { COLUMN_KEYS, type ColumnKey, FIXED_COLUMNS } from './columns';

interface ColumnChooserProps {
  columns: ColumnKey[];
  onChange(columns: ColumnKey[]): void;
}

export function ColumnChooser({ columns, onChange }: ColumnChooserProps) {
  const t = useText();
  const list = (
    <Checkbox.Group<ColumnKey>
      className="column-list"
      value={columns}
      onChange={(chosen) => onChange(COLUMN_KEYS.filter((key) => chosen.includes(key)))}
      options={COLUMN_KEYS.map((key) => ({
        value: key,
        label: t.orders[key],
        disabled: FIXED_COLUMNS.includes(key),
      }))}
    />
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t.orders.columnsTitle} content={list}>
      <Button icon={<TableOutlined />}>{t.orders.columns}</Button>
    </Popover>
  );
}
