import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/api/errors';
import type { PaymentRecord } from '../src/api/types';
import { cleanCode, cleanMobile } from '../src/core/mobile';
import { fenToInput, formatFen, parseYuan } from '../src/core/money';
import { qrDataUrl } from '../src/core/qr';
import { addLive, appendPage, groupByDay, type RecordList, refreshTop } from '../src/core/records';
import { ago, dayLabel, fullTime, moment } from '../src/core/time';
import { codeErrorText, loginErrorText } from '../src/core/words';

describe('money: two decimals, grouped, never through a float (PRODUCT 6.9)', () => {
  it.each([
    [0, '0.00'],
    [1, '0.01'],
    [99, '0.99'],
    [100, '1.00'],
    [128000, '1,280.00'],
    [1864000, '18,640.00'],
    [29, '0.29'],
    [100000000000, '1,000,000,000.00'],
    [Number.MAX_SAFE_INTEGER, '90,071,992,547,409.91'],
    [-36800, '-368.00'],
  ])('%d fen is %s', (fen, text) => expect(formatFen(fen)).toBe(text));

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d is not an amount', (fen) =>
    expect(() => formatFen(fen)).toThrow(RangeError),
  );
});

const at = (text: string) => Date.parse(text);
const NOW = at('2026-11-23T14:32:05+08:00');

describe('time: Asia/Shanghai, whatever the phone thinks', () => {
  it('names days by the business day', () => {
    expect(dayLabel(at('2026-11-23T00:00:00+08:00'), NOW)).toBe('今天');
    expect(dayLabel(at('2026-11-22T23:59:59+08:00'), NOW)).toBe('昨天');
    expect(dayLabel(at('2026-11-21T12:00:00+08:00'), NOW)).toBe('11月21日 周六');
    expect(dayLabel(at('2025-12-31T23:59:59+08:00'), NOW)).toBe('2025年12月31日 周三');
  });

  it('says moments and distances', () => {
    expect(fullTime(NOW)).toBe('2026-11-23 14:32:05');
    expect(moment(NOW, NOW)).toBe('14:32');
    expect(moment(at('2026-11-24T00:10:00+08:00'), NOW)).toBe('明天 00:10');
    expect(moment(at('2026-11-20T09:05:00+08:00'), NOW)).toBe('11月20日 09:05');
    expect(ago(NOW - 20_000, NOW)).toBe('刚刚');
    expect(ago(NOW - 180_000, NOW)).toBe('3\u2009分钟前');
    expect(ago(NOW - 7_200_000, NOW)).toBe('2\u2009小时前');
    expect(ago(NOW - 86_400_000, NOW)).toBe('昨天 14:32');
  });
});

const rec = (id: number, time: string): PaymentRecord => ({
  record_id: String(id),
  order_id: `o${id}`,
  amount_fen: 100 * id,
  title: '',
  subtitle: '',
  code_name: '',
  channel: 'wechatpay',
  state: 'paid',
  booked: 'order',
  refunded_fen: 0,
  paid_at_ms: at(time),
});
const ids = (list: RecordList) => list.records.map((r) => r.record_id);
const page = (records: PaymentRecord[], next: string | null) => ({ records, next_cursor: next });

describe('records (PRODUCT 3.3): nothing skipped, nothing twice', () => {
  const five = rec(5, '2026-11-23T10:00:00+08:00');
  const four = rec(4, '2026-11-23T00:00:00+08:00');
  const three = rec(3, '2026-11-22T23:59:59+08:00');
  const two = rec(2, '2026-11-22T09:00:00+08:00');
  const list: RecordList = { records: [five, four, three], nextBefore: '3' };

  it('adds a page and drops what is there already', () => {
    const next = appendPage(list, page([three, two], null));
    expect(ids(next)).toEqual(['5', '4', '3', '2']);
    expect(next.nextBefore).toBeNull();
  });

  it('a live payment goes on top, once', () => {
    const six = rec(6, '2026-11-23T11:00:00+08:00');
    const once = addLive(list, six);
    expect(ids(once)).toEqual(['6', '5', '4', '3']);
    expect(addLive(once, six)).toBe(once);
  });

  it('a late one finds its place, and one older than all that is loaded waits for its page', () => {
    const late = rec(9, '2026-11-23T05:00:00+08:00');
    expect(ids(addLive(list, late))).toEqual(['5', '9', '4', '3']);
    expect(addLive(list, two)).toBe(list);
    expect(ids(addLive({ ...list, nextBefore: null }, two))).toEqual(['5', '4', '3', '2']);
    expect(ids(addLive({ records: [], nextBefore: null }, two))).toEqual(['2']);
  });

  it('coming back: a fresh first page goes over the top and keeps the place below', () => {
    const six = rec(6, '2026-11-23T11:00:00+08:00');
    const next = refreshTop(list, page([six, five], '5'));
    expect(ids(next)).toEqual(['6', '5', '4', '3']);
    expect(next.nextBefore).toBe('3');
  });

  it('coming back after more than a page: begins anew instead of leaving a hole', () => {
    const far = rec(40, '2026-11-23T14:00:00+08:00');
    expect(refreshTop(list, page([far], '40'))).toEqual({ records: [far], nextBefore: '40' });
  });

  it('groups by Shanghai day; a day that may go on has no sum yet', () => {
    const [today, yesterday] = groupByDay(list, NOW);
    expect(today).toMatchObject({ label: '今天', total: { count: 2, sumFen: 900 } });
    expect(yesterday).toMatchObject({ label: '昨天', total: null });
    const whole = groupByDay({ ...list, nextBefore: null }, NOW);
    expect(whole[1]?.total).toEqual({ count: 1, sumFen: 300 });
  });
});

describe('QR', () => {
  const url = 'https://pay.example.test/pay/cQm4V7x2kP9sT1yZ8bN3wE6r';

  /** Reads the PNG back the way its standard says, with Node's own inflate. */
  function read(data: string) {
    const bytes = Buffer.from(data.slice('data:image/png;base64,'.length), 'base64');
    const side = bytes.readUInt32BE(16);
    const length = bytes.readUInt32BE(33);
    const body = bytes.subarray(41, 41 + length);
    expect(bytes.readUInt32BE(41 + length)).toBe(crc32(bytes.subarray(37, 41 + length)));
    const rows = inflateSync(body);
    const stride = 1 + Math.ceil(side / 8);
    return { side, dark: (x: number, y: number) => ((rows[y * stride + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0 };
  }

  it('is a PNG with a quiet zone of four modules and the finder pattern behind it', () => {
    const { side, dark } = read(qrDataUrl(url));
    expect(side % 12).toBe(0);
    const row = (y: number) => Array.from({ length: side / 12 }, (_, x) => (dark(x * 12 + 6, y) ? '#' : '.')).join('');
    expect(row(0)).toBe('.'.repeat(side / 12));
    expect(row(4 * 12).slice(0, 12)).toBe('....#######.');
    expect(row(5 * 12 + 11).slice(0, 12)).toBe('....#.....#.');
    expect(row(6 * 12).slice(0, 12)).toBe('....#.###.#.');
  });

  it('is the same for the same text only', () => {
    expect(qrDataUrl(url)).toBe(qrDataUrl(url));
    expect(qrDataUrl(`${url}x`)).not.toBe(qrDataUrl(url));
  });

  it('takes a long address', () => expect(() => qrDataUrl(`${url}?${'a'.repeat(400)}`)).not.toThrow());
});

describe('login: words that say what to do (PRODUCT 3.1)', () => {
  const error = (code: string, retryAt?: number) =>
    new ApiError(code, 429, '不行', { title: '', status: 429, code, retry_at_ms: retryAt });

  it('says until when', () => {
    expect(loginErrorText(error('login.throttled', NOW + 9_000), NOW)).toContain('9\u2009秒后再试');
    expect(loginErrorText(error('login.locked', at('2026-11-23T14:47:00+08:00')), NOW)).toContain('14:47 之后');
    expect(loginErrorText(error('login.throttled', NOW - 1), NOW)).toContain('现在可以再试');
    expect(loginErrorText(error('login.throttled'), NOW)).toContain('稍后再试');
  });

  it('rounds the minute up: the time named is never too early', () => {
    expect(loginErrorText(error('login.locked', at('2026-11-23T14:46:01+08:00')), NOW)).toContain('14:47 之后');
  });

  it.each(['login.wrong', 'login.other_identity', 'manager.disabled', 'server.busy'])('%s ends as a sentence', (code) =>
    expect(loginErrorText(error(code), NOW)).toMatch(/。$/),
  );

  it('says what is wrong with a code, how many tries are left and when another may be asked for', () => {
    const wrong = new ApiError('field.invalid', 422, '有内容需要修改', {
      title: '',
      status: 422,
      code: 'field.invalid',
      errors: [{ field: 'code', code: 'code.wrong', message: '验证码不正确，还可以试 3 次', message_en: '' }],
    });
    expect(codeErrorText(wrong, NOW)).toBe('验证码不正确，还可以试 3 次。');
    expect(codeErrorText(error('code.too_many', at('2026-11-24T09:00:01+08:00')), NOW)).toContain('明天 09:01 之后');
    for (const code of ['code.too_soon', 'code.too_many', 'code.spent', 'code.not_sent']) {
      expect(codeErrorText(error(code), NOW)).toMatch(/。$/);
    }
  });

  it('takes a code as people paste it', () => expect(cleanCode(' ０４２ 917\n')).toBe('042917'));

  it('takes a mobile as people paste it', () => {
    expect(cleanMobile('+86 138-1234-2176')).toBe('13812342176');
    expect(cleanMobile('１３８１２３４２１７６')).toBe('13812342176');
    expect(cleanMobile('86138')).toBe('86138');
  });
});

it('an amount is read as it is typed, and never through a float', () => {
  const typed = ['12', '12.5', '12.50', '0.01', '１２．５', ' 3 ', '', '1.234', '-1', '1e3', 'abc', '12.', '1,2'];
  const read = [1200, 1250, 1250, 1, 1250, 300, null, null, null, null, null, null, null];
  expect(typed.map(parseYuan)).toEqual(read);
  expect([0, 5, 128000].map(fenToInput)).toEqual(['0.00', '0.05', '1280.00']);
});
