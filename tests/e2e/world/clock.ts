// The time as every process of a world sees it: a file that they read on each use. Empty means the system's time.
import { renameSync, writeFileSync } from 'node:fs';

export class Clock {
  constructor(readonly file: string) {
    this.release();
  }

  /** From now on it is this moment (UTC ms), and stays so. */
  freeze(atMs: number): void {
    this.write(String(atMs));
  }

  release(): void {
    this.write('');
  }

  /** Beside and renamed: a half-written file would be read. */
  private write(text: string): void {
    writeFileSync(`${this.file}.next`, text);
    renameSync(`${this.file}.next`, this.file);
  }
}
