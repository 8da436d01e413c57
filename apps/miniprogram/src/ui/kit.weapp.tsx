// WeChat's half of the kit. config/aria.js lets the aria-* attributes through Taro's templates.
import { Image, Input, Picker, Text, View } from '@tarojs/components';
import Taro, { usePullDownRefresh, useReachBottom } from '@tarojs/taro';
import type { CSSProperties, ReactNode } from 'react';
import { LONGEST_QUERY } from '../core/search';
import { platform } from '../platform';
import './reset.weapp.css';
import type {
  BoxProps,
  DatePickProps,
  DialogProps,
  FieldProps,
  Marks,
  ScreenProps,
  SearchFieldProps,
  TapProps,
} from './types';

const marks = (m: Marks): Record<string, unknown> => ({
  className: m.className,
  ...(m.role && { ariaRole: m.role }),
  ...(m.label && { ariaLabel: m.label }),
  ...(m.live && { ariaLive: m.live }),
  ...(m.hidden && { ariaHidden: true }),
});

export function Box({ children, ...m }: BoxProps) {
  return <View {...marks(m)}>{children}</View>;
}

export function Txt({ children, ...m }: BoxProps) {
  return <Text {...marks(m)}>{children}</Text>;
}

export function Heading({ children, level: _level, ...m }: BoxProps & { level: 1 | 2 }) {
  return <View {...marks({ role: 'heading', ...m })}>{children}</View>;
}

export function Tap({ children, onTap, disabled, submit: _submit, expanded: _e, dataUrl: _url, ...m }: TapProps) {
  const className = `tap ${m.className ?? ''} ${disabled ? 'tap-off' : ''}`;
  return (
    <View
      {...marks({ role: 'button', ...m, className })}
      {...(disabled && { ariaDisabled: true })}
      hoverClass={disabled ? 'none' : 'tap-on'}
      hoverStayTime={70}
      onClick={disabled ? undefined : onTap}
    >
      {children}
    </View>
  );
}

export function FormBox({ children, onSubmit: _onSubmit, ...m }: BoxProps & { onSubmit(): void }) {
  return <View {...marks(m)}>{children}</View>;
}

const KEYBOARD = { mobile: 'number', password: 'text', code: 'number', amount: 'digit', words: 'text' } as const;
const MOST = { mobile: 20, password: 128, code: 20, amount: 12, words: 80 } as const;

export function Field({ label, kind, shown, value, error, onChange, onEnter, after }: FieldProps) {
  return (
    <View className="field">
      <View className="field-label">{label}</View>
      <View className={`field-line ${error ? 'field-bad' : ''}`}>
        <Input
          className="field-input"
          type={KEYBOARD[kind]}
          password={kind === 'password' && !shown}
          maxlength={MOST[kind]}
          confirmType={kind === 'mobile' ? 'next' : 'done'}
          {...{ ariaLabel: label }}
          value={value}
          onInput={(e) => onChange(e.detail.value)}
          onConfirm={kind === 'mobile' ? undefined : onEnter}
        />
        {after}
      </View>
      {error && (
        <View className="field-error" {...{ ariaRole: 'alert' }}>
          <View className="icon icon-circle-alert" />
          <Text>{error}</Text>
        </View>
      )}
    </View>
  );
}

export function Picture({ src, label, className }: { src: string; label: string; className?: string }) {
  return <Image className={className} src={src} mode="aspectFit" {...{ ariaLabel: label, ariaRole: 'img' }} />;
}

/** WeChat draws the bar itself; --rem (config/wechat-rem.js) follows the font size chosen in WeChat. */
export function Screen({ tone = 'paper', children }: ScreenProps) {
  return (
    <View className={`screen screen-${tone}`} style={{ '--rem': `${platform.rootFontPx()}px` } as CSSProperties}>
      <View className="body">{children}</View>
    </View>
  );
}

export function Dialog({ title, text, confirm, danger, onConfirm, onCancel }: DialogProps) {
  return (
    <View className="veil" catchMove>
      <View className="dialog" {...{ ariaRole: 'dialog' }}>
        <View className="dialog-title">{title}</View>
        <View className="dialog-text">{text}</View>
        <View className="dialog-acts">
          <Tap className="dialog-act" onTap={onCancel}>
            取消
          </Tap>
          <Tap className={`dialog-act dialog-yes ${danger ? 'dialog-danger' : ''}`} onTap={onConfirm}>
            {confirm}
          </Tap>
        </View>
      </View>
    </View>
  );
}

export function ReachEnd({ onReach }: { round: number; onReach(): void }) {
  useReachBottom(onReach);
  return null;
}

export function Pairs({ children, className }: { children: ReactNode; className?: string }) {
  return <View className={className}>{children}</View>;
}

export function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <View className="pair">
      <View className="pair-name">{name}</View>
      <View className="pair-value">{children}</View>
    </View>
  );
}

export function SearchField({ label, placeholder, value, onChange, onEnter }: SearchFieldProps) {
  return (
    <Input
      className="search-input"
      type="text"
      confirmType="search"
      maxlength={LONGEST_QUERY}
      placeholder={placeholder}
      placeholderClass="search-hint"
      {...{ ariaLabel: label }}
      value={value}
      onInput={(e) => onChange(e.detail.value)}
      onConfirm={onEnter}
    />
  );
}

export function DatePick({ label, value, last, onPick, children }: DatePickProps) {
  return (
    <Picker mode="date" start="2020-01-01" end={last} value={value ?? last} onChange={(e) => onPick(e.detail.value)}>
      <View className="date-pick" {...{ ariaRole: 'button', ariaLabel: label }}>
        {children}
      </View>
    </Picker>
  );
}

/** WeChat pulls by itself, where the page's own settings allow it. */
export function PullDown({ onPull }: { onPull(): Promise<void> }) {
  usePullDownRefresh(() => {
    void onPull().finally(() => Taro.stopPullDownRefresh());
  });
  return null;
}
