import { type ReactNode, useId } from 'react';

export interface ControlProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
  status: 'error' | '';
}

interface Props {
  label: string;
  error: string | undefined;
  className?: string;
  children(props: ControlProps): ReactNode;
}

/** A labelled control with its error under it, for forms that antd's own Form does not hold. */
export function Control({ label, error, className, children }: Props) {
  const id = useId();
  const errorId = `${id}-error`;
  return (
    <div className={className ? `control ${className}` : 'control'}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': error !== undefined,
        'aria-describedby': error === undefined ? undefined : errorId,
        status: error === undefined ? '' : 'error',
      })}
      {error !== undefined && (
        <span id={errorId} className="control-error">
          {error}
        </span>
      )}
    </div>
  );
}
