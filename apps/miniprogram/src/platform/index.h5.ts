import Taro from '@tarojs/taro';
import type { HttpReply, HttpRequest, PageName, Platform, SocketHandle, SocketHandlers } from './types';

const DEVICE_KEY = 'mott.device_key';

async function send(request: HttpRequest): Promise<HttpReply> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 15_000);
  try {
    const { method, headers, body } = request;
    const reply = await fetch(request.url, { method, headers, body, signal: abort.signal, cache: 'no-store' });
    return { status: reply.status, body: await reply.text() };
  } finally {
    clearTimeout(timer);
  }
}

function openSocket(url: string, handlers: SocketHandlers): SocketHandle {
  let closed = false;
  const socket = new WebSocket(url);
  socket.onopen = () => !closed && handlers.onOpen();
  socket.onmessage = (m) => !closed && handlers.onMessage(String(m.data));
  socket.onclose = (e) => {
    if (closed) return;
    closed = true;
    handlers.onClose(e.code);
  };
  return {
    send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
    close: () => {
      closed = true;
      socket.close();
    },
  };
}

/** What this browser is to the server: made once, from the system's random source, and kept. */
function deviceKey(): string {
  const kept = read(DEVICE_KEY);
  if (kept) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const key = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  write(DEVICE_KEY, key);
  return key;
}

// Storage may be forbidden (private windows): the app then forgets at the end of the visit, and works until then.
const memory = new Map<string, string>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, '微信'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/HarmonyOS/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

function deviceName(): string {
  const ua = navigator.userAgent;
  const find = (list: [RegExp, string][]) => list.find(([re]) => re.test(ua))?.[1];
  return [find(SYSTEMS), find(BROWSERS)].filter(Boolean).join(' ') || '浏览器';
}

/** A browser cannot change the brightness; it can keep the screen on, and forgets that whenever it is hidden. */
function presentScreen(): () => void {
  let lock: WakeLockSentinel | null = null;
  let left = false;
  const ask = () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    navigator.wakeLock.request('screen').then(
      (l) => {
        if (left) void l.release();
        else lock = l;
      },
      () => undefined,
    );
  };
  ask();
  document.addEventListener('visibilitychange', ask);
  return () => {
    left = true;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  };
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http has no clipboard API.
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('copy refused');
}

const url = (page: PageName, query: Record<string, string> = {}) => {
  const text = new URLSearchParams(query).toString();
  return `/pages/${page}/index${text ? `?${text}` : ''}`;
};

export const platform: Platform = {
  apiBase: '',
  liveUrl: `${location.origin.replace(/^http/, 'ws')}/api/manager/live`,
  send,
  openSocket,
  identity: async () => ({ kind: 'browser', key: deviceKey() }),
  deviceName,
  read,
  write,
  onStoredElsewhere: (key, changed) => addEventListener('storage', (e) => e.key === key && changed()),
  rootFontPx: () => 16,
  presentScreen,
  copy,
  buzz: () => void navigator.vibrate?.(60),
  online: () => navigator.onLine,
  onNetwork: (changed) => {
    const on = () => changed(true);
    const off = () => changed(false);
    addEventListener('online', on);
    addEventListener('offline', off);
    return () => {
      removeEventListener('online', on);
      removeEventListener('offline', off);
    };
  },
  onVisible: (show, hide) =>
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? show() : hide())),
  go: (page, query) => void Taro.navigateTo({ url: url(page, query) }),
  back: () => {
    // Opened by its address there is nothing behind this page: the way back is home.
    if (Taro.getCurrentPages().length > 1) void Taro.navigateBack();
    else void Taro.reLaunch({ url: url('home') });
  },
  restart: (page) => void Taro.reLaunch({ url: url(page) }),
};
