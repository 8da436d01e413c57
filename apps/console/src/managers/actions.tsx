import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { api } from '../api/client';
import { problemOf } from '../api/problem';
import type { Manager, RegisteredManager } from '../api/types';
import { usePreferences } from '../app/preferences';
import { problemLine, useText } from '../i18n';
import { PasswordOnce } from './PasswordOnce';

export type ManagerAction = 'disable' | 'enable' | 'unbind' | 'reset';

/** Asks first, saying what will happen, then does it. */
export function useManagerActions(): (action: ManagerAction, manager: Manager) => void {
  const t = useText();
  const { language } = usePreferences();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: ({
      action,
      manager,
    }: {
      action: ManagerAction;
      manager: Manager;
    }): Promise<Manager | RegisteredManager> => api.managers[action](manager.manager_id),
    onSettled: () => client.invalidateQueries({ queryKey: ['managers'] }),
  });
  const words = {
    disable: [t.managers.disableTitle, t.managers.disableText, t.managers.disableOk, t.managers.disabledDone],
    enable: [t.managers.enableTitle, t.managers.enableText, t.managers.enableOk, t.managers.enabledDone],
    unbind: [t.managers.unbindTitle, t.managers.unbindText, t.managers.unbindOk, t.managers.unboundDone],
    reset: [t.managers.resetTitle, t.managers.resetText, t.managers.resetOk, t.managers.resetDone],
  } as const;

  return (action, manager) => {
    const [title, text, ok, done] = words[action];
    modal.confirm({
      title: title(manager.name),
      content: <Consequences lines={text} />,
      okText: ok,
      okButtonProps: { danger: action !== 'enable', 'data-testid': 'confirm-ok' },
      cancelText: t.common.cancel,
      // A rejected promise would keep the dialog open without a word, so a failure closes it and is said.
      onOk: () =>
        run.mutateAsync({ action, manager }).then(
          (changed) => {
            message.success(done(manager.name));
            const password = 'generated_password' in changed ? changed.generated_password : null;
            if (password === null) return;
            // Shown once, so it is not closed by a click beside it.
            modal.success({
              title: done(manager.name),
              content: <PasswordOnce password={password} />,
              okText: t.managers.finish,
            });
          },
          (error: unknown) => void message.error(problemLine(problemOf(error), language)),
        ),
    });
  };
}

function Consequences({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="consequences">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
