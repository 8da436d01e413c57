import { DisconnectOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useText } from '../i18n';
import { Notice } from '../ui/states';

/** A page that threw, or whose file is gone because a newer console was installed: reloading mends both. */
export function Crash({ error }: { error: unknown }) {
  const t = useText();
  const name = error instanceof Error ? error.name : '';
  return (
    <Notice
      urgent
      icon={<DisconnectOutlined />}
      title={t.states.crashTitle}
      text={[t.states.crashText, name].filter(Boolean).join(' ')}
      action={
        <Button type="primary" onClick={() => window.location.reload()}>
          {t.states.reload}
        </Button>
      }
    />
  );
}
