import type { Attention, Displaced, LiveMessage, PaymentRecord, RefundShown, TodaySum } from '../api/types';
import type { SocketHandle, SocketHandlers } from '../platform/types';

/** off: not wanted · connecting: trying, or waiting to try again · open: the server has said hello. */
export type LiveStatus = 'off' | 'connecting' | 'open';

/** Why there is no connection for the moment. */
export type Pause = 'background' | 'offline';

export interface LiveDeps {
  connect(handlers: SocketHandlers): SocketHandle;
  getToken(): string | null;
  /** Injected clock and chance, so that tests neither wait nor guess. */
  setTimer(run: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
  random(): number;
  onStatus(status: LiveStatus): void;
  onPayment(record: PaymentRecord, today: TodaySum): void;
  onRefund(orderId: string, refund: RefundShown): void;
  onAttention(item: Attention): void;
  onDisplaced(displaced: Displaced): void;
  /**
   * The server refused or ended this channel without saying that we were pushed out. The API knows what it means:
   * a token to renew, a session that is over, or nothing at all.
   */
  onRefused(): void;
}

/** The server pings every 25 s: two missed pings and the line is dead, whatever the socket says. */
export const WATCHDOG_MS = 60_000;
export const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_MAX_MS = 30_000;
const CLOSED_DISPLACED = 4001;
const CLOSED_ENDED = 4002;
const SEEN_MAX = 500;

/** Between half of and the whole step, so that a thousand phones do not come back in the same second. */
export function backoffMs(attempt: number, random: number): number {
  const step = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(step / 2 + (step / 2) * random);
}

/** The live channel: one socket at a time, reconnecting, catching up from its cursor, telling each payment once. */
export class LiveClient {
  private socket: SocketHandle | null = null;
  private retry: unknown = null;
  private watchdog: unknown = null;
  private attempt = 0;
  private wanted = false;
  private readonly pauses = new Set<Pause>();
  private cursor = '';
  private greeted = false;
  private readonly seen = new Set<string>();

  constructor(private readonly deps: LiveDeps) {}

  /** From now on there should be a connection. */
  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.connect();
  }

  /** Logged out or pushed out: closes, and forgets where it was, for the next session has its own events. */
  stop(): void {
    this.wanted = false;
    this.cursor = '';
    this.seen.clear();
    this.drop();
    this.deps.onStatus('off');
  }

  /** In the background WeChat would cut the line anyway, and without a network it is dead; the cursor stays. */
  pause(reason: Pause): void {
    this.pauses.add(reason);
    this.drop();
    if (this.wanted) this.deps.onStatus('connecting');
  }

  /** Back in front, or the network is back: connects at once, without the rest of a back-off, and catches up. */
  resume(reason: Pause): void {
    const wasPaused = this.pauses.delete(reason);
    if (!this.wanted || (this.greeted && !wasPaused)) return;
    this.attempt = 0;
    this.drop();
    this.connect();
  }

  private connect(): void {
    const token = this.deps.getToken();
    if (!this.wanted || this.pauses.size > 0 || !token) return;
    this.deps.onStatus('connecting');
    this.greeted = false;
    this.feed();
    // Callbacks of a socket that we have dropped must not touch the one that came after it.
    let mine: SocketHandle | null = null;
    const live = () => mine !== null && this.socket === mine;
    mine = this.deps.connect({
      onOpen: () => live() && this.socket?.send(JSON.stringify({ token, cursor: this.cursor })),
      onMessage: (text) => live() && this.receive(text),
      onClose: (code) => live() && this.closed(code),
    });
    this.socket = mine;
  }

  private receive(text: string): void {
    const message = parse(text);
    if (!message) return;
    this.feed();
    switch (message.type) {
      case 'hello':
        this.greeted = true;
        this.attempt = 0;
        if (!this.cursor) this.cursor = message.cursor;
        this.deps.onStatus('open');
        break;
      case 'payment':
        this.cursor = message.cursor;
        if (this.remember(message.record.record_id)) this.deps.onPayment(message.record, message.today);
        break;
      case 'refund':
        this.cursor = message.cursor;
        this.deps.onRefund(message.order_id, message.refund);
        break;
      case 'attention':
        this.cursor = message.cursor;
        this.deps.onAttention(message.item);
        break;
      case 'displaced':
        this.stop();
        this.deps.onDisplaced(message.displaced);
        break;
      case 'ended':
        this.refused();
        break;
      case 'ping':
        break;
    }
  }

  private closed(code: number): void {
    const greeted = this.greeted;
    this.drop();
    if (code === CLOSED_DISPLACED || code === CLOSED_ENDED) {
      this.refused();
      return;
    }
    // Turned away before hello: perhaps the token is old. The back-off keeps this from becoming a storm.
    if (!greeted && this.attempt > 0) this.deps.onRefused();
    this.again();
  }

  /** Ask the API what happened; if the session lives on (renewed), the next try has the new token. */
  private refused(): void {
    this.drop();
    this.again();
    this.deps.onRefused();
  }

  private again(): void {
    if (!this.wanted || this.pauses.size > 0) return;
    this.deps.onStatus('connecting');
    const wait = backoffMs(this.attempt, this.deps.random());
    this.attempt += 1;
    this.retry = this.deps.setTimer(() => {
      this.retry = null;
      this.connect();
    }, wait);
  }

  private feed(): void {
    if (this.watchdog !== null) this.deps.clearTimer(this.watchdog);
    this.watchdog = this.deps.setTimer(() => {
      this.watchdog = null;
      this.drop();
      this.again();
    }, WATCHDOG_MS);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.greeted = false;
    socket?.close();
    for (const timer of [this.retry, this.watchdog]) if (timer !== null) this.deps.clearTimer(timer);
    this.retry = null;
    this.watchdog = null;
  }

  /** False when this record was told before: a replay after a reconnect overlaps with what we have. */
  private remember(recordId: string): boolean {
    if (this.seen.has(recordId)) return false;
    this.seen.add(recordId);
    if (this.seen.size > SEEN_MAX) {
      const oldest = this.seen.values().next().value;
      if (oldest !== undefined) this.seen.delete(oldest);
    }
    return true;
  }
}

function parse(text: string): LiveMessage | null {
  try {
    const value = JSON.parse(text) as LiveMessage;
    return typeof value === 'object' && value !== null && typeof value.type === 'string' ? value : null;
  } catch {
    return null;
  }
}
