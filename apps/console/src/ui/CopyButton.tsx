import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useEffect, useState } from 'react';
import { useText } from '../i18n';

interface CopyButtonProps {
  text: string;
  label: string;
  /** With its words beside the icon, where copying is the thing to do. */
  prominent?: boolean;
}

const SHOWN_MS = 2000;

export function CopyButton({ text, label, prominent }: CopyButtonProps) {
  const t = useText();
  const { message } = App.useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      message.warning(t.common.copyFailed);
    }
  };
  const word = copied ? t.common.copied : t.common.copy;
  return (
    <Button
      type={prominent ? 'default' : 'text'}
      size={prominent ? 'middle' : 'small'}
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      aria-label={label}
      title={label}
      onClick={() => void copy()}
    >
      {prominent && word}
    </Button>
  );
}
