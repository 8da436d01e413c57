import { useEffect, useRef, useState } from 'react';

/** How far one pulls until letting go asks again, px; the finger goes half as far again. */
const FAR = 64;

/** Pulled down at its top and let go, the page asks again: WeChat does this by itself, browsers do not. */
export function PullDown({ onPull }: { onPull(): Promise<void> }) {
  const ref = useRef<HTMLDivElement>(null);
  const [pulled, setPulled] = useState(0);
  const [busy, setBusy] = useState(false);
  const pull = useRef(onPull);
  pull.current = onPull;
  useEffect(() => {
    let from: number | null = null;
    let far = 0;
    // Another page may lie above this one, which then has no place; scrolled down, it lies above the window's edge.
    const atTop = () => ref.current?.offsetParent != null && ref.current.getBoundingClientRect().top > 0;
    const start = (e: TouchEvent) => {
      from = e.touches.length === 1 && atTop() ? (e.touches[0]?.clientY ?? null) : null;
      far = 0;
    };
    const move = (e: TouchEvent) => {
      if (from === null) return;
      far = Math.max(0, ((e.touches[0]?.clientY ?? from) - from) / 1.5);
      setPulled(Math.min(FAR, far));
    };
    const end = () => {
      if (from !== null && far >= FAR) {
        setBusy(true);
        void pull.current().finally(() => setBusy(false));
      }
      from = null;
      setPulled(0);
    };
    document.addEventListener('touchstart', start, { passive: true });
    document.addEventListener('touchmove', move, { passive: true });
    document.addEventListener('touchend', end);
    document.addEventListener('touchcancel', end);
    return () => {
      document.removeEventListener('touchstart', start);
      document.removeEventListener('touchmove', move);
      document.removeEventListener('touchend', end);
      document.removeEventListener('touchcancel', end);
    };
  }, []);
  return (
    <div className="pull" ref={ref} role="status" style={{ height: busy ? 40 : pulled }} data-testid="pull">
      {(busy || pulled > 20) && (busy ? '正在刷新' : pulled >= FAR ? '松开刷新' : '下拉刷新')}
    </div>
  );
}
