import { useText } from '../i18n';

export function Logo() {
  const t = useText();
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" className="logo-ground" />
        <path className="logo-star" d="m16 6.2 2.9 6.2 6.8.8-5 4.7 1.3 6.7-6-3.4-6 3.4 1.3-6.7-5-4.7 6.8-.8z" />
      </svg>
      <span>{t.brand}</span>
    </span>
  );
}
