import Taro from '@tarojs/taro';
import type { HttpReply, HttpRequest, PageName, Platform, SocketHandle, SocketHandlers } from './types';

let online = true;

function send(request: HttpRequest): Promise<HttpReply> {
  return Taro.request<string>({
    url: request.url,
    method: request.method,
    header: request.headers,
    data: request.body,
    dataType: 'text' as never,
    responseType: 'text',
    timeout: 15_000,
  }).then((r) => ({ status: r.statusCode, body: typeof r.data === 'string' ? r.data : JSON.stringify(r.data) }));
}

function openSocket(url: string, handlers: SocketHandlers): SocketHandle {
  let closed = false;
  const end = (code: number) => {
    if (closed) return;
    closed = true;
    handlers.onClose(code);
  };
  const task = Taro.connectSocket({ url });
  task.then(
    (socket) => {
      socket.onOpen(() => !closed && handlers.onOpen());
      socket.onMessage((m) => !closed && handlers.onMessage(String(m.data)));
      socket.onClose((e) => end(e?.code ?? 0));
      socket.onError(() => end(0));
    },
    () => end(0),
  );
  return {
    send: (text) => void task.then((socket) => socket.send({ data: text })).catch(() => end(0)),
    close: () => {
      closed = true;
      task.then((socket) => socket.close({})).catch(() => undefined);
    },
  };
}

/** WeChat forgets both settings with the app, so what was is kept here and put back on leaving the page. */
function presentScreen(): () => void {
  let before: number | null = null;
  let left = false;
  const restore = () => {
    if (before !== null) void Taro.setScreenBrightness({ value: before }).catch(() => undefined);
  };
  void Taro.setKeepScreenOn({ keepScreenOn: true }).catch(() => undefined);
  Taro.getScreenBrightness({
    success: (r) => {
      before = (r as unknown as { value: number }).value;
      if (!left) void Taro.setScreenBrightness({ value: 1 }).catch(() => undefined);
    },
  });
  return () => {
    left = true;
    restore();
    void Taro.setKeepScreenOn({ keepScreenOn: false }).catch(() => undefined);
  };
}

/** 16 and 17 are the normal sizes of Android and iOS; only what a person changed makes the text grow or shrink. */
function rootFontPx(): number {
  const info = Taro.getAppBaseInfo() as { fontSizeScaleFactor?: number; fontSizeSetting?: number };
  const size = info.fontSizeSetting ?? 16;
  const scale = info.fontSizeScaleFactor ?? (size === 17 ? 1 : size / 16);
  return Math.round(16 * Math.min(2, Math.max(0.85, scale)) * 10) / 10;
}

function deviceName(): string {
  const info = Taro.getDeviceInfo();
  return [info.brand, info.model].filter(Boolean).join(' ').slice(0, 60) || '手机';
}

const url = (page: PageName, query: Record<string, string> = {}) => {
  const pairs = Object.entries(query).map(([k, v]) => `${k}=${encodeURIComponent(v)}`);
  return `/pages/${page}/index${pairs.length ? `?${pairs.join('&')}` : ''}`;
};

export const platform: Platform = {
  apiBase: MOTT_API_BASE,
  liveUrl: `${MOTT_API_BASE.replace(/^http/, 'ws')}/api/manager/live`,
  send,
  openSocket,
  identity: async () => ({ kind: 'wechat', code: (await Taro.login()).code }),
  deviceName,
  read: (key) => Taro.getStorageSync<string>(key) || null,
  write: (key, value) => (value === null ? Taro.removeStorageSync(key) : Taro.setStorageSync(key, value)),
  onStoredElsewhere: () => undefined,
  rootFontPx,
  presentScreen,
  copy: (text) => Taro.setClipboardData({ data: text }).then(() => undefined),
  buzz: () => void Taro.vibrateShort({ type: 'medium' }).catch(() => undefined),
  online: () => online,
  onNetwork: (changed) => {
    const listen = (r: { isConnected: boolean }) => {
      online = r.isConnected;
      changed(online);
    };
    Taro.onNetworkStatusChange(listen);
    void Taro.getNetworkType().then((r) => listen({ isConnected: r.networkType !== 'none' }));
    return () => Taro.offNetworkStatusChange(listen);
  },
  onVisible: (show, hide) => {
    Taro.onAppShow(show);
    Taro.onAppHide(hide);
  },
  go: (page, query) => void Taro.navigateTo({ url: url(page, query) }),
  back: () => void Taro.navigateBack().catch(() => Taro.reLaunch({ url: url('home') })),
  restart: (page) => void Taro.reLaunch({ url: url(page) }),
};
