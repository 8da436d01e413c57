import { createApi } from '../api/client';
import { type ApiError, asApiError } from '../api/errors';
import type {
  Attention,
  CodeScreen,
  Displaced,
  LoginReply,
  ManagerProfile,
  PaymentRecord,
  Today,
  TodaySum,
} from '../api/types';
import { endedText } from '../core/words';
import { LiveClient, type LiveStatus } from '../live/client';
import { platform } from '../platform';
import { createStore } from './store';

const SESSION_KEY = 'mott.session';
const CODE_KEY = 'mott.code';
const DISPLACED_KEY = 'mott.displaced';

export interface Session {
  token: string;
  manager: ManagerProfile;
}

export const sessionStore = createStore<Session | null>(readJson<Session>(SESSION_KEY));
/** One sentence for the logged-out home page: why one is here. */
export const noticeStore = createStore<string | null>(null);
export const displacedStore = createStore<Displaced | null>(readJson<Displaced>(DISPLACED_KEY));
export const todayStore = createStore<TodaySum | null>(null);
export const liveStore = createStore<LiveStatus>('off');
export const onlineStore = createStore<boolean>(platform.online());

/** What of the own orders waits for the back office; null: not asked yet. */
export const attentionStore = createStore<Attention[] | null>(null);

type RefundListener = (orderId: string) => void;
const refundListeners = new Set<RefundListener>();

/** Called when a refund of an own order moved. */
export function onRefund(listener: RefundListener): () => void {
  refundListeners.add(listener);
  return () => refundListeners.delete(listener);
}

type PaymentListener = (record: PaymentRecord) => void;
const paymentListeners = new Set<PaymentListener>();

/** Called once for each payment that arrives while the app is open. */
export function onPayment(listener: PaymentListener): () => void {
  paymentListeners.add(listener);
  return () => paymentListeners.delete(listener);
}

export const api = createApi({
  base: platform.apiBase,
  send: platform.send,
  getToken: () => sessionStore.get()?.token ?? null,
  setSession: keepSession,
  identity: platform.identity,
  device: platform.deviceName,
  onDisplaced: pushedOut,
  onEnded: (error) => sessionOver(endedText(error)),
});

const live = new LiveClient({
  connect: (handlers) => platform.openSocket(platform.liveUrl, handlers),
  getToken: () => sessionStore.get()?.token ?? null,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  random: Math.random,
  onStatus: (status) => liveStore.set(status),
  onPayment: (record, today) => {
    todayStore.set(today);
    platform.buzz();
    for (const listener of [...paymentListeners]) listener(record);
  },
  onRefund: (orderId) => {
    for (const listener of [...refundListeners]) listener(orderId);
    void loadAttention();
  },
  onAttention: () => void loadAttention(),
  onDisplaced: pushedOut,
  onRefused: () => void loadProfile(),
});

/** Once per start of the app. */
export function startApp(): void {
  platform.onVisible(
    () => live.resume('background'),
    () => live.pause('background'),
  );
  platform.onNetwork((online) => {
    onlineStore.set(online);
    if (online) live.resume('offline');
    else live.pause('offline');
  });
  // Two tabs share one session: what one learns (renewed, logged out, pushed out) counts for the other.
  platform.onStoredElsewhere(SESSION_KEY, () => {
    const session = readJson<Session>(SESSION_KEY);
    if (session) sessionStore.set(session);
    else if (sessionStore.get()) sessionOver(null);
  });
  if (!sessionStore.get()) return;
  live.start();
  void loadProfile();
}

/** The profile may have changed at the back office; failing to ask changes nothing on screen. */
async function loadProfile(): Promise<void> {
  const manager = await api.me().catch(() => null);
  const session = sessionStore.get();
  if (manager && session) saveSession({ ...session, manager });
}

export async function loadToday(): Promise<ApiError | null> {
  try {
    const today: Today = await api.today();
    todayStore.set({ count: today.count, sum_fen: today.sum_fen });
    return null;
  } catch (e) {
    return asApiError(e);
  }
}

/** Failing to ask leaves what is on screen. */
export async function loadAttention(): Promise<void> {
  const items = await api.attention().catch(() => null);
  if (items && sessionStore.get()) attentionStore.set(items);
}

export async function logIn(mobile: string, password: string): Promise<void> {
  await api.login(mobile, password);
  noticeStore.set(null);
  forgetDisplaced();
}

/** Has a code sent for a login from another WeChat account or browser. */
export const sendCode = api.sendCode;

export async function logInByCode(ticket: string, code: string): Promise<void> {
  await api.rebind(ticket, code);
  noticeStore.set(null);
  forgetDisplaced();
}

/** Out of here at once, also without a network: the server is told if it can be reached. */
export async function logOut(): Promise<void> {
  const told = api.logout().catch(() => undefined);
  forgetSession();
  platform.restart('home');
  await told;
}

/** The last code seen, shown while there is no network: it still works at the server. */
export function keptCode(): CodeScreen | null {
  return readJson<CodeScreen>(CODE_KEY);
}

export function keepCode(screen: CodeScreen): void {
  if (sessionStore.get()) platform.write(CODE_KEY, JSON.stringify(screen));
}

export function forgetDisplaced(): void {
  displacedStore.set(null);
  platform.write(DISPLACED_KEY, null);
}

function keepSession(reply: LoginReply): void {
  const before = sessionStore.get();
  if (before && before.manager.manager_id !== reply.manager.manager_id) forgetSession();
  saveSession({ token: reply.token, manager: reply.manager });
  live.start();
}

function saveSession(session: Session): void {
  platform.write(SESSION_KEY, JSON.stringify(session));
  sessionStore.set(session);
}

function forgetSession(): void {
  live.stop();
  platform.write(SESSION_KEY, null);
  platform.write(CODE_KEY, null);
  todayStore.set(null);
  attentionStore.set(null);
  sessionStore.set(null);
}

function sessionOver(notice: string | null): void {
  forgetSession();
  noticeStore.set(notice);
  platform.restart('home');
}

function pushedOut(displaced: Displaced | null): void {
  if (!sessionStore.get()) return;
  forgetSession();
  displacedStore.set(displaced);
  platform.write(DISPLACED_KEY, displaced && JSON.stringify(displaced));
  platform.restart('displaced');
}

function readJson<T>(key: string): T | null {
  const text = platform.read(key);
  if (!text) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
