// Asks for the result while somebody looks, less and less often, and never gives up by itself (PRODUCT 6.5).
import { ask } from './net';
import { pollDelay } from './way';

export interface Result {
  status: 'created' | 'pending' | 'paid' | 'closed';
  paid_at_ms: number | null;
  /** With which wallet, once it is paid. */
  wallet: string | null;
}

export class Watch {
  private asked = 0;
  private timer = 0;
  private on = false;
  private asking = false;

  constructor(
    private readonly path: string,
    private readonly told: (result: Result) => void,
    private readonly long: () => void,
  ) {
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.timer);
      if (this.on && !document.hidden) this.now();
    });
  }

  /** Begins, if it has not begun, two seconds from now. */
  start(): void {
    if (this.on) return;
    this.on = true;
    this.plan();
  }

  /** Asks at once and begins anew. */
  now(): void {
    this.on = true;
    this.asked = 0;
    void this.turn();
  }

  stop(): void {
    this.on = false;
    clearTimeout(this.timer);
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.on && !document.hidden) this.timer = window.setTimeout(() => void this.turn(), pollDelay(this.asked++));
  }

  private async turn(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const { good } = await ask<Result>(this.path, {});
      if (good && this.on) this.told(good);
    } catch {
      // No network says nothing about the payment: ask again.
    }
    this.asking = false;
    if (this.asked === 8) this.long();
    this.plan();
  }
}
