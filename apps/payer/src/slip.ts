// The merchant slip (商家小票) inside WeChat's own page after a payment. WeChat waits three seconds for a word of ours; the
// frame can leave that page only by asking it to.

const WECHAT = 'https://payapp.weixin.qq.com';
/** Looked at again so often while nobody knows the result. */
const ROUNDS = 10;
const PAUSE_MS = 2500;

const slip = document.getElementById('slip');
const { state = '', back = '' } = slip?.dataset ?? {};

function say(message: object): void {
  parent.postMessage(JSON.stringify(message), WECHAT);
}

// What cannot be proven to belong to this payer is left to WeChat's own page.
say({ action: 'onIframeReady', displayStyle: state === 'foreign' ? 'SHOW_OFFICIAL_PAGE' : 'SHOW_CUSTOM_PAGE' });
document.getElementById('back')?.addEventListener('click', () => say({ action: 'jumpOut', jumpOutUrl: back }));

if (state === 'waiting') {
  const round = Number(sessionStorage.getItem(location.search) ?? 0);
  if (round < ROUNDS) {
    sessionStorage.setItem(location.search, String(round + 1));
    setTimeout(() => location.reload(), PAUSE_MS);
  }
}
