import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal } from 'antd';
import { api } from '../api/client';
import type { Manager } from '../api/types';
import { usePreferences } from '../app/preferences';
import { useText } from '../i18n';
import { showProblem } from '../ui/formProblem';
import { emailRules } from './rules';

interface MailDialogProps {
  manager: Manager;
  onClose(): void;
}

/** Corrects a mistyped address and sends the login mail again. */
export function MailDialog({ manager, onClose }: MailDialogProps) {
  const t = useText();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ email: string }>();
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: ({ email }: { email: string }) => api.managers.sendMail(manager.manager_id, email.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['managers'] });
      message.success(t.managers.mailQueued);
      onClose();
    },
    onError: (error) => showProblem(form, error, language, ['email'], (text) => message.error(text)),
  });
  const refused = manager.mail?.state === 'refused' ? manager.mail : null;
  return (
    <Modal
      open
      title={t.managers.mailTitle}
      okText={t.managers.mailSubmit}
      confirmLoading={send.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      okButtonProps={{ 'data-testid': 'mail-send' }}
    >
      <p className="dialog-intro">{t.managers.mailIntro(manager.name)}</p>
      {refused?.reason && (
        <Alert
          className="dialog-alert"
          type="error"
          showIcon
          title={t.managers.mailRefusedReason}
          description={refused.reason}
        />
      )}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ email: manager.mail?.to ?? manager.email }}
        onFinish={(values) => send.mutate(values)}
      >
        <Form.Item name="email" label={t.managers.email} validateTrigger="onBlur" rules={emailRules(t)}>
          <Input type="email" autoComplete="off" autoFocus data-testid="mail-email" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
