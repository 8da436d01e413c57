//! Every sentence of the payer's pages that the server writes, in one place. A second language is a second constant.

use super::view::Message;

/// The words of the pages in one language.
pub(super) struct Text {
    pub(super) lang: &'static str,
    pub(super) pay_to: &'static str,
    pub(super) manager: &'static str,
    pub(super) code: &'static str,
    pub(super) superseded_before: &'static str,
    pub(super) superseded_after: &'static str,
    pub(super) checkout_title: &'static str,
    pub(super) optional: &'static str,
    pub(super) fill_in: &'static str,
    pub(super) required: &'static str,
    pub(super) choose: &'static str,
    pub(super) leave_out: &'static str,
    pub(super) multiple: &'static str,
    pub(super) wrong_before: &'static str,
    pub(super) wrong_after: &'static str,
    pub(super) pay: &'static str,
    pub(super) settled_to: &'static str,
    pub(super) order_title: &'static str,
    pub(super) amount_due: &'static str,
    pub(super) to_pay: &'static str,
    pub(super) closed: &'static str,
    pub(super) closed_hint: &'static str,
    pub(super) fill_again: &'static str,
    pub(super) needs_script: &'static str,
    pub(super) done_paying: &'static str,
    pub(super) pay_again: &'static str,
    pub(super) copy_link: &'static str,
    pub(super) receipt: &'static str,
    pub(super) paid: &'static str,
    pub(super) paid_to: &'static str,
    pub(super) paid_at: &'static str,
    pub(super) created_at: &'static str,
    pub(super) order_no: &'static str,
    pub(super) paid_by: &'static str,
    pub(super) slip_back: &'static str,
    pub(super) slip_waiting: &'static str,
    pub(super) slip_waiting_hint: &'static str,
    pub(super) slip_foreign: &'static str,
    pub(super) dispute: &'static str,
    pub(super) dispute_hint: &'static str,
    pub(super) dispute_tell: &'static str,
    pub(super) dispute_told: &'static str,
    pub(super) refund: &'static str,
    pub(super) refunding: &'static str,
    pub(super) keep_receipt: &'static str,
    pub(super) another: &'static str,
}

pub(super) const ZH: Text = Text {
    lang: "zh-CN",
    pay_to: "付款给",
    manager: "业务经理",
    code: "收款码",
    superseded_before: "此码已被刷新，",
    superseded_after: " 前仍可付款",
    checkout_title: "付款",
    optional: "选填",
    fill_in: "请填写",
    required: "必填",
    choose: "请选择",
    leave_out: "不选",
    multiple: "可多选",
    wrong_before: "有 ",
    wrong_after: " 处需要修改，填写的内容都在",
    pay: "付款",
    settled_to: "资金由支付机构直接清算到收款企业的对公账户",
    order_title: "确认付款",
    amount_due: "应付金额",
    to_pay: "待付款",
    closed: "订单已关闭，未付款",
    closed_hint: "这笔订单没有收款。需要付款时，请重新填写。",
    fill_again: "重新填写",
    needs_script: "最后一步付款需要浏览器开启 JavaScript。请用微信或支付宝扫一扫打开收款码，或开启后刷新此页。",
    done_paying: "已完成付款",
    pay_again: "重新支付",
    copy_link: "复制付款链接",
    receipt: "付款凭证（非发票）",
    paid: "付款成功",
    paid_to: "收款企业",
    paid_at: "付款时间",
    created_at: "下单时间",
    order_no: "订单号",
    paid_by: "支付方式",
    slip_back: "查看完整凭证",
    slip_waiting: "正在确认付款结果",
    slip_waiting_hint: "若微信已扣款，请勿重复支付，结果会自动显示。",
    slip_foreign: "付款结果以微信支付的账单为准",
    dispute: "不是我要付的？",
    dispute_hint: "如果这笔付款不是您要付的，请告诉收款企业，对方会与您核实并处理。付错的钱可以由收款企业退回原账户。",
    dispute_tell: "不是我要付的，告诉收款企业",
    dispute_told: "已告诉收款企业：这笔不是您要付的。对方会核实并处理。",
    refund: "退款",
    refunding: "退款处理中",
    keep_receipt: "用原链接可随时再打开这张凭证。",
    another: "再付一笔",
};

/// What stands on a page that only says something.
pub(super) struct MessageText {
    pub(super) title: &'static str,
    pub(super) body: &'static str,
    pub(super) icon: Icon,
    /// Whether trying again may help: then the page has a button that loads it again.
    pub(super) retry: Option<&'static str>,
}

/// The kind of sign above the words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Time is over, or wait.
    Clock,
    /// Nothing is here.
    Search,
    /// Something is wrong.
    Alert,
}

pub(super) const fn message(which: Message) -> MessageText {
    let (icon, title, body, retry) = match which {
        Message::ExpiredCode => (Icon::Clock, "收款码已失效", "请向业务经理索取新的收款码。", None),
        Message::UnknownCode => (Icon::Search, "没有这个收款码", "请重新扫一扫业务经理出示的收款码。", None),
        Message::MalformedCode => (Icon::Search, "链接不完整", "链接可能被截断了。请重新扫一扫收款码。", None),
        Message::UnknownOrder => (Icon::Search, "没有这笔订单", "链接可能被截断了。请从付款时的页面再打开。", None),
        Message::ManagerDisabled => (Icon::Alert, "这个收款码暂停收款", "请联系收款企业，索取新的收款码。", None),
        Message::BadRequest => (Icon::Alert, "没有收到完整的内容", "请返回上一页，再提交一次。", None),
        Message::TooLarge => (Icon::Alert, "填写的内容太多", "请返回上一页，减少文字后再提交。", None),
        Message::ServerBusy => (Icon::Clock, "现在付款的人较多", "请过几秒再试一次。", Some("再试一次")),
        Message::SignInFailed => (Icon::Alert, "没有确认付款人", "没有扣款。请重新扫一扫收款码。", None),
        Message::ServerError => {
            (Icon::Alert, "系统出了点问题", "请稍后再试；若已付款，请勿重复支付。", Some("再试一次"))
        }
    };
    MessageText { title, body, icon, retry }
}
