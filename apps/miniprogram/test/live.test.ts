import { beforeEach, describe, expect, it } from 'vitest';
import type { Displaced, PaymentRecord } from '../src/api/types';
import { BACKOFF_MAX_MS, backoffMs, LiveClient, type LiveStatus, WATCHDOG_MS } from '../src/live/client';
import type { SocketHandlers } from '../src/platform/types';

/** One socket that the test plays the server of. */
class FakeSocket {
  sent: string[] = [];
  closed = false;
  constructor(readonly handlers: SocketHandlers) {}
  send = (text: string) => void this.sent.push(text);
  close = () => {
    this.closed = true;
  };
  says(message: object): void {
    this.handlers.onMessage(JSON.stringify(message));
  }
}

interface Timer {
  run(): void;
  ms: number;
}

class World {
  sockets: FakeSocket[] = [];
  timers: Timer[] = [];
  status: LiveStatus[] = [];
  paid: string[] = [];
  displaced: Displaced[] = [];
  refunds: string[] = [];
  attention: string[] = [];
  refused = 0;
  token: string | null = 't1';
  client = new LiveClient({
    connect: (handlers) => {
      const socket = new FakeSocket(handlers);
      this.sockets.push(socket);
      return socket;
    },
    getToken: () => this.token,
    setTimer: (run, ms) => {
      const timer = { run, ms };
      this.timers.push(timer);
      return timer;
    },
    clearTimer: (timer) => {
      this.timers = this.timers.filter((t) => t !== timer);
    },
    random: () => 0,
    onStatus: (s) => this.status.push(s),
    onPayment: (r) => this.paid.push(r.record_id),
    onRefund: (orderId, refund) => this.refunds.push(`${orderId} ${refund.status}`),
    onAttention: (item) => this.attention.push(item.kind),
    onDisplaced: (d) => this.displaced.push(d),
    onRefused: () => {
      this.refused += 1;
    },
  });

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('no socket');
    return last;
  }

  /** Opens the newest socket and says hello. */
  greet(cursor: string): FakeSocket {
    const { socket } = this;
    socket.handlers.onOpen();
    socket.says({ type: 'hello', cursor });
    return socket;
  }

  fire(pick: (t: Timer) => boolean): void {
    const timer = this.timers.find(pick);
    if (!timer) throw new Error('no such timer');
    this.timers = this.timers.filter((t) => t !== timer);
    timer.run();
  }
}

const record = (id: string): PaymentRecord => ({
  record_id: id,
  order_id: `o${id}`,
  amount_fen: 100,
  title: '李晓明',
  subtitle: '',
  code_name: '默认收款码',
  channel: 'wechatpay',
  state: 'paid',
  booked: 'order',
  refunded_fen: 0,
  paid_at_ms: 1,
});
const payment = (cursor: string, id: string) => ({
  type: 'payment',
  cursor,
  record: record(id),
  today: { count: 1, sum_fen: 100 },
});

let world: World;
beforeEach(() => {
  world = new World();
});

describe('PRODUCT 3.2: a payment appears while the screen is open, each one once', () => {
  it('sends token and empty cursor first, then tells the payment', () => {
    world.client.start();
    const socket = world.greet('10');
    expect(JSON.parse(socket.sent[0] ?? '')).toEqual({ token: 't1', cursor: '' });
    socket.says(payment('11', 'r1'));
    expect(world.paid).toEqual(['r1']);
    expect(world.status.at(-1)).toBe('open');
  });

  it('catches up from its cursor after a lost line and tells no payment twice', () => {
    world.client.start();
    world.greet('10').says(payment('11', 'r1'));
    world.socket.handlers.onClose(1006);
    world.fire((t) => t.ms < WATCHDOG_MS);
    const again = world.greet('13');
    expect(JSON.parse(again.sent[0] ?? '')).toEqual({ token: 't1', cursor: '11' });
    again.says(payment('11', 'r1'));
    again.says(payment('12', 'r2'));
    expect(world.paid).toEqual(['r1', 'r2']);
  });

  it('keeps the cursor of hello when nothing has arrived yet', () => {
    world.client.start();
    world.greet('10');
    world.socket.handlers.onClose(1006);
    world.fire((t) => t.ms < WATCHDOG_MS);
    world.socket.handlers.onOpen();
    expect(JSON.parse(world.socket.sent[0] ?? '').cursor).toBe('10');
  });

  it('ignores what is not a message, and a socket that it has left', () => {
    world.client.start();
    const old = world.greet('10');
    old.handlers.onMessage('not json');
    old.handlers.onMessage('null');
    world.client.pause('background');
    old.says(payment('11', 'r1'));
    old.handlers.onClose(1006);
    expect(world.paid).toEqual([]);
    expect(world.timers).toEqual([]);
  });
});

describe('a lost line is found and mended', () => {
  it('backs off with jitter, between half and the whole of a doubling step, up to a limit', () => {
    expect(backoffMs(0, 0)).toBe(500);
    expect(backoffMs(0, 1)).toBe(1000);
    expect(backoffMs(3, 0.5)).toBe(6000);
    expect(backoffMs(99, 1)).toBe(BACKOFF_MAX_MS);
  });

  it('waits longer each time and starts over after a hello', () => {
    world.client.start();
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      world.socket.handlers.onClose(1006);
      waits.push(world.timers[0]?.ms ?? 0);
      world.fire(() => true);
    }
    expect(waits).toEqual([500, 1000, 2000]);
    world.greet('1');
    world.socket.handlers.onClose(1006);
    expect(world.timers[0]?.ms).toBe(500);
  });

  it('gives up a silent line: no ping for a minute', () => {
    world.client.start();
    const silent = world.greet('1');
    silent.says({ type: 'ping' });
    world.fire((t) => t.ms === WATCHDOG_MS);
    expect(silent.closed).toBe(true);
    world.fire(() => true);
    expect(world.sockets).toHaveLength(2);
  });

  it('rests in the background and without a network, and comes back at once', () => {
    world.client.start();
    world.greet('7');
    world.client.pause('offline');
    world.client.pause('background');
    expect(world.socket.closed).toBe(true);
    world.client.resume('background');
    expect(world.sockets).toHaveLength(1);
    world.client.resume('offline');
    world.socket.handlers.onOpen();
    expect(JSON.parse(world.socket.sent[0] ?? '').cursor).toBe('7');
  });

  it('leaves a healthy line alone when the app is shown again', () => {
    world.client.start();
    world.greet('7');
    world.client.resume('background');
    expect(world.sockets).toHaveLength(1);
  });
});

describe('PRODUCT 3.1: one account, one session', () => {
  const later = { at_ms: 5, device: 'iPhone', network: '1.2.*.*' };

  it('pushed out: tells once, and never connects again', () => {
    world.client.start();
    const socket = world.greet('1');
    socket.says({ type: 'displaced', displaced: later });
    socket.handlers.onClose(4001);
    expect(world.displaced).toEqual([later]);
    expect(world.timers).toEqual([]);
    expect(world.status.at(-1)).toBe('off');
  });

  it('ended: asks the API, and uses the renewed token if there is one', () => {
    world.client.start();
    world.greet('1').says({ type: 'ended' });
    expect(world.refused).toBe(1);
    world.token = 't2';
    world.fire(() => true);
    world.socket.handlers.onOpen();
    expect(JSON.parse(world.socket.sent[0] ?? '').token).toBe('t2');
  });

  it('closed as displaced without a word: asks the API why', () => {
    world.client.start();
    world.greet('1');
    world.socket.handlers.onClose(4001);
    expect(world.refused).toBe(1);
  });

  it('a new session starts without the cursor of the old one', () => {
    world.client.start();
    world.greet('99');
    world.client.stop();
    world.client.start();
    world.socket.handlers.onOpen();
    expect(JSON.parse(world.socket.sent[0] ?? '').cursor).toBe('');
  });

  it('does nothing without a token', () => {
    world.token = null;
    world.client.start();
    expect(world.sockets).toHaveLength(0);
  });
});
