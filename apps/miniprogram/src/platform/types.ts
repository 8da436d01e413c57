import type { Identity } from '../api/types';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface HttpReply {
  status: number;
  body: string;
}

export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** Called once, also when the connection never opened. `code` is 0 where none is known. */
  onClose(code: number): void;
}

export interface SocketHandle {
  send(text: string): void;
  close(): void;
}

export type PageName = 'home' | 'login' | 'code' | 'records' | 'record' | 'settings' | 'displaced';

/** Everything that the app asks of WeChat or of the browser. One file per platform implements it. */
export interface Platform {
  /** Prefix of every request, without a slash at the end; empty where the server is our own origin. */
  apiBase: string;
  /** ws(s) address of the live channel. */
  liveUrl: string;
  /** Rejects when no answer came (15 s). */
  send(request: HttpRequest): Promise<HttpReply>;
  openSocket(url: string, handlers: SocketHandlers): SocketHandle;
  identity(): Promise<Identity>;
  deviceName(): string;
  read(key: string): string | null;
  /** null removes. */
  write(key: string, value: string | null): void;
  /** Another tab of the same browser changed this key. */
  onStoredElsewhere(key: string, changed: () => void): void;
  /** What 1 rem is in px under WeChat's font setting; a browser does that itself. */
  rootFontPx(): number;
  /** Keeps the screen on, at full brightness where that is possible; the answer puts it back. */
  presentScreen(): () => void;
  copy(text: string): Promise<void>;
  /** A short buzz: a payment arrived. */
  buzz(): void;
  online(): boolean;
  onNetwork(changed: (online: boolean) => void): () => void;
  onVisible(show: () => void, hide: () => void): void;
  go(page: PageName, query?: Record<string, string>): void;
  back(): void;
  /** Opens a page with nothing behind it. */
  restart(page: PageName): void;
}
