// The time as every process of a world sees it: a file that they read on each use. Empty means the system's time.
import { writeFileSync } from 'node:fs';

export class Clock {
  constructor(readonly file: string) {
    this.release();
  }

  /** From now on it is this moment (UTC ms), and stays so. */
  freeze(atMs: number): void {
    writeFileSync(this.file, String(atMs));
  }

  release(): void {
    writeFileSync(this.file, '');
  }
}
