// Runs the built WeChat package, page by page, against a stand-in for WeChat: every page must mount and write what it
// should to the view layer. It shows that the output works as a program; it does not show WeChat's layout.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';

const dist = fileURLToPath(new URL('../dist/weapp', import.meta.url));
const manager = {
  manager_id: '1',
  name: '张伟',
  mobile: '138****2176',
  email: 'zhangwei@example.test',
  org_unit_name: '高新校区',
  merchant_full_name: '云杉教育科技有限公司',
  merchant_short_name: '云杉教育',
  platform_name: 'LUCKYBYTE',
};
const record = {
  record_id: '1',
  order_id: '1',
  amount_fen: 128000,
  title: '李晓明',
  subtitle: '学费 · 默认收款码',
  code_name: '默认收款码',
  channel: 'wechatpay',
  state: 'paid',
  booked: 'order',
  refunded_fen: 0,
  paid_at_ms: 1_700_000_000_000,
};
const code = {
  code_id: '1',
  short_id: 'A3-0172',
  url: 'https://pay.example.test/pay/cabc',
  name: '默认收款码',
  kind: 'default',
  state: 'live',
  expires_at_ms: null,
  last_scanned_at_ms: null,
  created_at_ms: 1,
};
const answers = {
  '/me': manager,
  '/today': { day: '2026-11-23', count: 3, sum_fen: 1864000 },
  '/collection-code': { code, superseded: [], merchant_full_name: manager.merchant_full_name, manager_name: '张伟' },
  '/records': { records: [record], next_cursor: null },
  '/records/1': {
    ...record,
    fields: [{ label: '学生姓名', value: '李晓明' }],
    payer_remark: null,
    order_no: 'N20261123',
    transaction_id: '4200',
    payer_total_fen: null,
    created_at_ms: 1_700_000_000_000,
    code_short_id: 'A3-0172',
    refundable_fen: 128000,
    refunds: [],
  },
  '/attention': [],
};

/** Page, what must be seen on it, and what must have been asked of WeChat when it was left. */
const EXPECT = [
  ['home', ['张伟', '今日收款', '18,640.00', '收款码', '收款记录', '--rem: 20px'], ['GET /today Bearer t', 'socket t']],
  [
    'code',
    ['云杉教育科技有限公司', 'A3-0172', 'data:image/png;base64,', '展开'],
    ['keep on', 'bright 1', 'bright 0.4', 'keep off'],
  ],
  ['records', ['输入关键字查询', '日期', '李晓明', '1,280.00', '没有更早的记录了'], ['GET /records Bearer t']],
  ['record', ['1,280.00', '学生姓名', 'N20261123', '微信支付', '申请退款'], []],
  ['settings', ['138****2176', '退出登录', '版本'], []],
  ['login', ['手机号', '密码', '登录'], []],
  ['displaced', ['你的账号在别处登录了', '重新登录'], []],
];

const calls = [];
const store = { 'mott.session': JSON.stringify({ token: 't', manager }) };
const done = (o) => setTimeout(() => o.success?.({}));

function request(o) {
  const path = o.url.replace(/^.*\/api\/manager/, '').replace(/\?.*$/, '');
  calls.push(`${o.method} ${path} ${o.header.Authorization}`);
  const found = answers[path];
  const data = JSON.stringify(found ?? { title: '没有', status: 404, code: 'not_found' });
  setTimeout(() => o.success({ statusCode: found ? 200 : 404, data, header: {} }));
  return { abort() {} };
}

function connectSocket(o) {
  const on = {};
  const keep = (name) => (f) => {
    on[name] = f;
  };
  setTimeout(() => on.open?.({}), 5);
  done(o);
  const send = (m) => calls.push(`socket ${JSON.parse(m.data).token}`);
  return {
    onOpen: keep('open'),
    onMessage: keep('message'),
    onClose: keep('close'),
    onError: keep('error'),
    send,
    close() {},
  };
}

const wx = {
  request,
  connectSocket,
  getStorageSync: (k) => store[k] ?? '',
  setStorageSync: (k, v) => {
    store[k] = v;
  },
  removeStorageSync: (k) => {
    delete store[k];
  },
  getAppBaseInfo: () => ({ fontSizeSetting: 20 }),
  getDeviceInfo: () => ({ brand: 'HUAWEI', model: 'P70' }),
  getSystemInfoSync: () => ({ windowWidth: 375, pixelRatio: 3, platform: 'ios' }),
  getWindowInfo: () => ({ windowWidth: 375, pixelRatio: 3 }),
  getNetworkType: (o) => o.success({ networkType: 'wifi' }),
  onAppShow() {},
  onAppHide() {},
  onNetworkStatusChange() {},
  offNetworkStatusChange() {},
  canIUse: () => true,
  setKeepScreenOn: (o) => {
    calls.push(`keep ${o.keepScreenOn ? 'on' : 'off'}`);
    done(o);
  },
  getScreenBrightness: (o) => o.success({ value: 0.4 }),
  setScreenBrightness: (o) => {
    calls.push(`bright ${o.value}`);
    done(o);
  },
  reLaunch: (o) => calls.push(`relaunch ${o.url}`),
};

let app;
let pageConfig;
let stack = [];
const world = createContext({
  wx,
  console,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  App: (c) => {
    app = c;
  },
  Page: (c) => {
    pageConfig = c;
  },
  Component: () => undefined,
  getApp: () => app,
  getCurrentPages: () => stack,
});
world.global = world;

const cache = new Map();
function load(file) {
  const known = cache.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  cache.set(file, module);
  const require = (r) => load(resolve(dirname(file), r.endsWith('.js') ? r : `${r}.js`));
  const wrapped = `(function (require, module, exports) {${readFileSync(file, 'utf8')}\n})`;
  runInContext(wrapped, world, { filename: file })(require, module, module.exports);
  return module.exports;
}

/** WeChat's setData: keys are paths such as root.cn.[0].v */
function setData(changes, after) {
  for (const [key, value] of Object.entries(changes)) {
    const path = key.replace(/\.?\[(\d+)\]/g, '.$1').split('.');
    const last = path.pop();
    let at = this.data;
    path.forEach((step, i) => {
      at[step] ??= /^\d+$/.test(path[i + 1] ?? last) ? [] : {};
      at = at[step];
    });
    at[last] = value;
  }
  if (after) setTimeout(after);
}

/** Looks until everything is there, at most five seconds: rendering takes as long as the machine needs. */
async function settled(page, texts) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const seen = JSON.stringify(page.data);
    if (texts.every((text) => seen.includes(text)) || Date.now() > deadline) return seen;
    await new Promise((next) => setTimeout(next, 10));
  }
}

async function visit(name, texts) {
  load(resolve(dist, `pages/${name}/index.js`));
  const page = {
    data: {},
    route: `pages/${name}/index`,
    options: {},
    setData,
    selectComponent: () => null,
    ...pageConfig,
  };
  stack = [page];
  page.onLoad({ id: '1' });
  page.onReady?.();
  page.onShow?.();
  const seen = await settled(page, texts);
  page.onHide?.();
  page.onUnload?.();
  return seen;
}

load(resolve(dist, 'app.js'));
app.onLaunch({ path: 'pages/home/index', query: {}, scene: 1001 });
app.onShow?.({});
const faults = [];
for (const [name, texts, asked] of EXPECT) {
  const seen = await visit(name, texts);
  for (const text of texts) if (!seen.includes(text)) faults.push(`${name} does not show ${text}`);
  for (const call of asked) if (!calls.includes(call)) faults.push(`${name} did not do: ${call}`);
}
for (const call of calls.filter((c) => c.startsWith('relaunch'))) faults.push(`unexpected ${call}`);
process.stdout.write(`weapp smoke: ${EXPECT.length} pages mounted, ${faults.length} faults\n`);
for (const fault of faults) process.stderr.write(`  ${fault}\n`);
// Live timers of the app would keep the process; its work is done.
process.exit(faults.length ? 1 : 0);
