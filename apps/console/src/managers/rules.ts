import type { FormRule } from 'antd';
import type { Text } from '../i18n/zh';

// Only what can be said before asking the server; the server's word is the last.
const MOBILE = /^1\d{10}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

export function mobileRules(t: Text): FormRule[] {
  return [
    { required: true, whitespace: true, message: t.managers.needMobile },
    { pattern: MOBILE, transform: plain, message: t.managers.badMobile },
  ];
}

export function emailRules(t: Text): FormRule[] {
  return [
    { required: true, whitespace: true, message: t.managers.needEmail },
    { pattern: EMAIL, transform: trimmed, message: t.managers.badEmail },
  ];
}

/** "138 0000-2176" as it is pasted from a contact → "13800002176". */
export function plain(mobile: string | undefined): string {
  return (mobile ?? '').replace(/[\s-]/g, '');
}

function trimmed(text: string | undefined): string {
  return (text ?? '').trim();
}
