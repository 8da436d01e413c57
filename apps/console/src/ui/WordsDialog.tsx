import { useMutation } from '@tanstack/react-query';
import { App, Form, Input, Modal } from 'antd';
import { usePreferences } from '../app/preferences';
import { useText } from '../i18n';
import { showProblem } from './formProblem';
import '../managers/managers.css';

const MAX_WORDS = 80;

interface WordsDialogProps {
  title: string;
  /** What will happen, line by line, before anybody says yes. */
  consequences: readonly string[];
  label: string;
  placeholder?: string;
  ok: string;
  danger?: boolean;
  /** Words may be left out. */
  optional?: boolean;
  onSay(words: string): Promise<unknown>;
  onDone(): void;
  onClose(): void;
}

/** Asks before something is done about money, and in which words: they stand in the time line and the audit log. */
export function WordsDialog({ title, consequences, label, ok, onSay, onDone, onClose, ...props }: WordsDialogProps) {
  const t = useText();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ words: string }>();
  const say = useMutation({
    mutationFn: ({ words }: { words: string }) => onSay(words.trim()),
    onSuccess: () => {
      onDone();
      onClose();
    },
    onError: (error) => showProblem(form, error, language, ['words'], (text) => message.error(text)),
  });
  return (
    <Modal
      open
      title={title}
      okText={ok}
      cancelText={t.common.cancel}
      confirmLoading={say.isPending}
      okButtonProps={{ danger: props.danger ?? false, 'data-testid': 'words-ok' }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ul className="consequences dialog-intro">
        {consequences.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ words: '' }}
        onFinish={(values) => say.mutate(values)}
      >
        <Form.Item
          name="words"
          label={label}
          rules={props.optional ? [] : [{ required: true, whitespace: true, message: t.refunds.needWords }]}
        >
          <Input.TextArea
            autoFocus
            maxLength={MAX_WORDS}
            showCount
            autoSize={{ minRows: 2, maxRows: 4 }}
            placeholder={props.placeholder}
            data-testid="words"
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
