import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../harness';
import { binary } from '../world/world';

test('what is shipped has no clock that can be moved', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mott-shipped-'));
  try {
    const clock = join(folder, 'clock');
    writeFileSync(clock, '0');
    const words = ['serve', '--config', join(folder, 'config.toml'), '--test-clock', clock];
    const refused = await new Promise<{ code: number; words: string }>((done) => {
      execFile(binary('mott', 'MOTT_PLAIN_BIN'), words, { timeout: 20_000 }, (error, stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : 0, words: stdout + stderr });
      });
    });
    expect(refused.code).not.toBe(0);
    expect(refused.words).toContain('--test-clock');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
