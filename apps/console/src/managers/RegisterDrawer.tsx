import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { api } from '../api/client';
import { hasCode, problemOf } from '../api/problem';
import type { NewManager, RegisteredManager } from '../api/types';
import { usePreferences } from '../app/preferences';
import { problemLine, useText } from '../i18n';
import { showProblem } from '../ui/formProblem';
import { orgOptions } from './orgOptions';
import { RegisteredNotice } from './RegisteredNotice';
import { emailRules, mobileRules, plain } from './rules';

interface Values {
  name: string;
  mobile: string;
  email: string;
  org_unit_id: string;
  password?: string;
}

const FIELDS: (keyof Values)[] = ['name', 'mobile', 'email', 'org_unit_id', 'password'];

function toRequest(values: Values): NewManager {
  return {
    name: values.name.trim(),
    mobile: plain(values.mobile),
    email: values.email.trim(),
    org_unit_id: values.org_unit_id,
    password: values.password || null,
  };
}

/** Registers a manager; then shows a generated password once, and the mail's way. */
export function RegisterDrawer({ onClose }: { onClose(): void }) {
  const t = useText();
  const { language } = usePreferences();
  const { message, modal } = App.useApp();
  const [form] = Form.useForm<Values>();
  const [done, setDone] = useState<RegisteredManager | null>(null);
  const client = useQueryClient();
  const register = useMutation({
    mutationFn: (values: Values) => api.managers.register(toRequest(values)),
    onSuccess: (manager) => {
      void client.invalidateQueries({ queryKey: ['managers'] });
      setDone(manager);
    },
    onError: (error) => {
      if (hasCode(error, 'manager.mobile_taken')) {
        form.setFields([{ name: 'mobile', errors: [problemLine(problemOf(error), language)] }]);
        form.getFieldInstance('mobile')?.focus?.();
        return;
      }
      showProblem(form, error, language, FIELDS, (text) => message.error(text));
    },
  });

  const close = () => {
    if (done || !form.isFieldsTouched()) return onClose();
    modal.confirm({
      title: t.managers.discardTitle,
      content: t.managers.discardText,
      okText: t.managers.discardOk,
      okButtonProps: { danger: true },
      cancelText: t.managers.keepEditing,
      onOk: onClose,
    });
  };
  const footer = done ? null : (
    <div className="drawer-foot">
      <Button onClick={close}>{t.common.cancel}</Button>
      <Button type="primary" loading={register.isPending} onClick={() => form.submit()} data-testid="manager-save">
        {t.managers.save}
      </Button>
    </div>
  );
  return (
    <Drawer open size={440} title={t.managers.register} onClose={close} mask={{ closable: !done }} footer={footer}>
      {done ? (
        <RegisteredNotice
          manager={done}
          onAnother={() => {
            form.resetFields();
            setDone(null);
          }}
          onFinish={onClose}
        />
      ) : (
        <Form<Values>
          form={form}
          layout="vertical"
          requiredMark={false}
          scrollToFirstError={{ focus: true }}
          onFinish={(values) => register.mutate(values)}
        >
          <Fields onSubmit={() => form.submit()} />
        </Form>
      )}
    </Drawer>
  );
}

function Fields({ onSubmit }: { onSubmit(): void }) {
  const t = useText();
  const units = useQuery({ queryKey: ['org-units'], queryFn: api.orgUnits, staleTime: 60_000 });
  const orgs = orgOptions(units.data?.items ?? []);
  return (
    <>
      <Form.Item
        name="name"
        label={t.managers.name}
        rules={[{ required: true, whitespace: true, message: t.managers.needName }]}
      >
        <Input autoFocus autoComplete="off" maxLength={40} data-testid="manager-name" />
      </Form.Item>
      <Form.Item name="mobile" label={t.managers.mobile} validateTrigger="onBlur" rules={mobileRules(t)}>
        <Input inputMode="tel" autoComplete="off" className="num" data-testid="manager-mobile" />
      </Form.Item>
      <Form.Item name="email" label={t.managers.email} validateTrigger="onBlur" rules={emailRules(t)}>
        <Input type="email" autoComplete="off" data-testid="manager-email" />
      </Form.Item>
      <Form.Item
        name="org_unit_id"
        label={t.managers.org}
        rules={[{ required: true, message: t.managers.needOrg }]}
        help={units.isError ? <RetryOrgs onRetry={() => void units.refetch()} /> : undefined}
        validateStatus={units.isError ? 'error' : undefined}
      >
        <Select
          placeholder={t.managers.orgPlaceholder}
          loading={units.isPending}
          options={orgs}
          showSearch={{ optionFilterProp: 'label' }}
          data-testid="manager-org"
        />
      </Form.Item>
      <Form.Item name="password" label={t.managers.password} extra={t.managers.passwordHelp}>
        <Input.Password autoComplete="new-password" onPressEnter={onSubmit} data-testid="manager-password" />
      </Form.Item>
    </>
  );
}

function RetryOrgs({ onRetry }: { onRetry(): void }) {
  const t = useText();
  return (
    <>
      {t.managers.orgsFailed}{' '}
      <button type="button" className="link" onClick={onRetry}>
        {t.common.retry}
      </button>
    </>
  );
}
