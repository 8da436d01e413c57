import { useEffect, useRef, useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { Code, CodeScreen } from '../../api/types';
import { api, keepCode, keptCode } from '../../state/app';

/** How long "已刷新 · 撤销" stays (PRODUCT 3.2). */
export const UNDO_MS = 10_000;

export interface CodeState {
  screen: CodeScreen | null;
  /** Why there is nothing to show. */
  loadError: ApiError | null;
  /** What a button could not do; the code on screen stays as it is. */
  actionError: string | null;
  busy: boolean;
  /** Local time until which the refresh may be undone; null when there is nothing to undo. */
  undoUntilMs: number | null;
  load(): void;
  refresh(): void;
  undo(): void;
  end(code: Code): void;
}

/** The code on screen and all that can be done to it. */
export function useCode(): CodeState {
  const [screen, setScreen] = useState<CodeScreen | null>(keptCode);
  const [loadError, setLoadError] = useState<ApiError | null>(null);
  const [actionError, setActionError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [undoUntilMs, setUndoUntil] = useState<number | null>(null);
  // Presses follow each other faster than React renders: two quick taps must not make two codes.
  const running = useRef(false);
  const changes = useRef(0);

  const show = (next: CodeScreen) => {
    setScreen(next);
    keepCode(next);
    setLoadError(null);
    setActionError(null);
  };

  const act = async (run: () => Promise<void>, failed: string) => {
    if (running.current) return;
    running.current = true;
    changes.current += 1;
    setBusy(true);
    setActionError(null);
    try {
      await run();
    } catch (e) {
      setActionError(`${asApiError(e).message}。${failed}`.replace('。。', '。'));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  const load = () => {
    const at = changes.current;
    api.code().then(
      // An answer that was asked for before a refresh would bring the old code back.
      (next) => at === changes.current && show(next),
      (e) => setLoadError(asApiError(e)),
    );
  };

  const refresh = () =>
    void act(async () => {
      const reply = await api.refreshCode();
      const allowed = reply.undo_until_ms - reply.code.created_at_ms;
      // Counted from here by our own clock: the server's and the phone's may differ by more than ten seconds.
      setUndoUntil(Date.now() + (allowed > 0 ? Math.min(allowed, UNDO_MS) : UNDO_MS));
      show(reply);
    }, '没有刷新，屏幕上的收款码照常可用。');

  const undo = () =>
    void act(async () => {
      setUndoUntil(null);
      if (screen) show(await api.undoRefresh(screen.code.code_id));
    }, '没有撤销，新的收款码照常可用。');

  const end = (code: Code) => void act(async () => show(await api.endCode(code.code_id)), '旧码没有作废，请再试一次。');

  useEffect(() => {
    if (undoUntilMs === null) return;
    const timer = setTimeout(() => setUndoUntil(null), Math.max(0, undoUntilMs - Date.now()));
    return () => clearTimeout(timer);
  }, [undoUntilMs]);

  return { screen, loadError, actionError, busy, undoUntilMs, load, refresh, undo, end };
}
