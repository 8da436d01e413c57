//! What stands in a bill: columns and rows of PROTOCOLS 1.9, drawn from the institution's own books.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use rusqlite::{Connection, params};

use super::order::TradeType;
use crate::clock::beijing;
use crate::institution::{OFFICIAL_ACCOUNT, SP_MCHID};
use crate::pages::yuan;

/// Which bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    All,
    Success,
    Refund,
    Fund,
}

/// A business day in Beijing, as UTC ms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub from_ms: i64,
    pub until_ms: i64,
}

impl Day {
    /// Reads `2026-11-22`.
    pub fn read(text: &str) -> Option<Self> {
        let beijing = TimeZone::fixed(Offset::constant(8));
        let date: Date = text.parse().ok()?;
        let start = |date: Date| date.to_zoned(beijing.clone()).ok().map(|at| at.timestamp().as_millisecond());
        Some(Self { from_ms: start(date)?, until_ms: start(date.tomorrow().ok()?)? })
    }
}

/// Sixty hundredths of a percent, in basis points.
const RATE_BASIS_POINTS: i64 = 60;

/// The fee of a sum, rounded half up to a fen.
pub(crate) fn fee_fen(fen: i64) -> i64 {
    (fen * RATE_BASIS_POINTS + 5_000) / 10_000
}

/// Fees have five decimals.
fn fee(fen: i64) -> String {
    format!("{}000", yuan(fen))
}

/// One line of a trade bill.
struct Line {
    at_ms: i64,
    sub_mchid: String,
    transaction_id: String,
    out_trade_no: String,
    payer: String,
    trade_type: String,
    description: String,
    attach: String,
    total_fen: i64,
    refund: Option<Back>,
}

struct Back {
    refund_id: String,
    out_refund_no: String,
    fen: i64,
    status: String,
}

const LINES: &str = "
    SELECT at_ms, sub_mchid, transaction_id, out_trade_no, paid_by, trade_type, json_extract(body, '$.description'),
        COALESCE(json_extract(body, '$.attach'), ''), json_extract(body, '$.amount.total'),
        refund_id, out_refund_no, fen, status
    FROM (
        SELECT paid_at_ms AS at_ms, sub_mchid, transaction_id, out_trade_no, paid_by, trade_type, body,
            NULL AS refund_id, NULL AS out_refund_no, NULL AS fen, NULL AS status
        FROM pay_order WHERE paid_at_ms >= ?1 AND paid_at_ms < ?2
        UNION ALL
        SELECT refund.created_at_ms, sub_mchid, transaction_id, out_trade_no, paid_by, trade_type, pay_order.body,
            refund_id, out_refund_no, fen, CASE WHEN due_at_ms >= ?2 THEN 'PROCESSING' ELSE outcome END
        FROM refund JOIN pay_order USING (out_trade_no)
        WHERE refund.created_at_ms >= ?1 AND refund.created_at_ms < ?2
    )
    WHERE ?3 IS NULL OR sub_mchid = ?3
    ORDER BY at_ms, transaction_id, refund_id";

fn lines(connection: &Connection, day: Day, sub_mchid: Option<&str>) -> rusqlite::Result<Vec<Line>> {
    connection
        .prepare_cached(LINES)?
        .query_map(params![day.from_ms, day.until_ms, sub_mchid], |row| {
            let refund_id: Option<String> = row.get(9)?;
            let refund = match refund_id {
                None => None,
                Some(refund_id) => {
                    Some(Back { refund_id, out_refund_no: row.get(10)?, fen: row.get(11)?, status: row.get(12)? })
                }
            };
            Ok(Line {
                at_ms: row.get(0)?,
                sub_mchid: row.get(1)?,
                transaction_id: row.get(2)?,
                out_trade_no: row.get(3)?,
                payer: row.get(4)?,
                trade_type: row.get(5)?,
                description: row.get(6)?,
                attach: row.get(7)?,
                total_fen: row.get(8)?,
                refund,
            })
        })?
        .collect()
}

const ALL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,\
手续费,费率,订单金额,申请退款金额,费率备注";
const SUCCESS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注";
const REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,\
退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

impl Line {
    /// Its cells, in the order of `sheet`'s columns; `more_fen` is what a fault adds to what was paid.
    fn cells(&self, sheet: Sheet, more_fen: i64) -> Vec<String> {
        let at = beijing(self.at_ms, "%Y-%m-%d %H:%M:%S");
        let state = if self.refund.is_some() { "REFUND" } else { "SUCCESS" };
        let settled = if self.refund.is_some() { 0 } else { self.total_fen + more_fen };
        let mut cells: Vec<String> = [
            &at,
            OFFICIAL_ACCOUNT,
            SP_MCHID,
            &self.sub_mchid,
            "",
            &self.transaction_id,
            &self.out_trade_no,
            &self.payer,
            &self.trade_type,
            state,
            "OTHERS",
            "CNY",
        ]
        .map(str::to_owned)
        .into();
        cells.extend([yuan(settled), yuan(0)]);
        let back_fen = self.refund.as_ref().map_or(0, |back| back.fen);
        if sheet == Sheet::Refund {
            cells.extend([at, String::new()]);
        }
        if sheet != Sheet::Success {
            match &self.refund {
                Some(back) => cells.extend(
                    [&back.refund_id, &back.out_refund_no, &yuan(back.fen), "0.00", "ORIGINAL", &back.status]
                        .map(str::to_owned),
                ),
                None => cells.extend(["0", "0", "0.00", "0.00", "", ""].map(str::to_owned)),
            }
        }
        let charged =
            if self.refund.is_some() { format!("-{}", fee(fee_fen(back_fen))) } else { fee(fee_fen(self.total_fen)) };
        cells.extend([self.description.clone(), self.attach.clone(), charged, "0.60%".to_owned()]);
        cells.push(yuan(if self.refund.is_some() { 0 } else { self.total_fen + more_fen }));
        if sheet != Sheet::Success {
            cells.push(yuan(back_fen));
        }
        cells.push(String::new());
        cells
    }
}

/// A line of cells; every value begins with a backtick, and a comma in a value would break the file, as it would there.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("`{}", cell.replace([',', '\n', '\r'], " "))).collect();
    cells.join(",") + "\r\n"
}

/// A day's trade bill with its byte order mark; `None` when nothing happened. `wrong` adds a fen to the first row.
///
/// # Errors
/// When the state file fails.
pub(crate) fn trade(
    connection: &Connection,
    sheet: Sheet,
    day: Day,
    sub_mchid: Option<&str>,
    wrong: bool,
) -> rusqlite::Result<Option<String>> {
    let wanted = |line: &Line| match sheet {
        Sheet::Success => line.refund.is_none(),
        Sheet::Refund => line.refund.is_some(),
        Sheet::All | Sheet::Fund => true,
    };
    let lines: Vec<Line> = lines(connection, day, sub_mchid)?.into_iter().filter(wanted).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let header = match sheet {
        Sheet::Success => SUCCESS,
        Sheet::Refund => REFUND,
        Sheet::All | Sheet::Fund => ALL,
    };
    let mut text = format!("\u{feff}{header}\r\n");
    for (at, line) in lines.iter().enumerate() {
        text += &row(&line.cells(sheet, i64::from(wrong && at == 0)));
    }
    let paid: i64 = lines.iter().filter(|line| line.refund.is_none()).map(|line| line.total_fen).sum();
    let back: i64 = lines.iter().filter_map(|line| line.refund.as_ref()).map(|back| back.fen).sum();
    let fees: i64 = lines
        .iter()
        .map(|line| line.refund.as_ref().map_or_else(|| fee_fen(line.total_fen), |back| -fee_fen(back.fen)))
        .sum();
    let paid_more = paid + i64::from(wrong && lines[0].refund.is_none());
    text += &format!("{SUMMARY}\r\n");
    text +=
        &row(&[lines.len().to_string(), yuan(paid_more), yuan(back), yuan(0), fee(fees), yuan(paid_more), yuan(back)]);
    Ok(Some(text))
}

const FUND: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,\
资金变更提交申请人,备注,业务凭证号";
const FUND_SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// One movement of an account: fee, payment, refund and settlement each on a line of its own (PROTOCOLS 5).
struct Movement {
    at_ms: i64,
    number: String,
    name: &'static str,
    kind: &'static str,
    fen: i64,
    voucher: String,
}

fn movements(connection: &Connection, until_ms: i64, sub_mchid: Option<&str>) -> rusqlite::Result<Vec<Movement>> {
    let all = Day { from_ms: i64::MIN, until_ms };
    let mut found = Vec::new();
    for line in lines(connection, all, sub_mchid)? {
        let code = line.trade_type == TradeType::Code.word();
        let name = if code { "付款码支付" } else { "交易" };
        let (number, voucher) = (line.transaction_id.clone(), line.out_trade_no.clone());
        let mut add = |number: String, name, kind, fen, voucher| {
            found.push(Movement { at_ms: line.at_ms, number, name, kind, fen, voucher });
        };
        match line.refund {
            None => {
                add(number.clone(), name, "交易", line.total_fen, voucher.clone());
                add(number, "扣除交易手续费", "扣除交易手续费", -fee_fen(line.total_fen), voucher);
            }
            Some(back) if back.status == "CLOSED" => {}
            Some(back) => {
                add(back.refund_id.clone(), "退款", "退款", -back.fen, back.out_refund_no.clone());
                add(back.refund_id, "退还交易手续费", "扣除交易手续费", fee_fen(back.fen), back.out_refund_no);
            }
        }
    }
    let mut others = connection.prepare_cached(
        "SELECT movement_id, at_ms, fen, what FROM movement
         WHERE at_ms < ?1 AND (account = ?2 OR (?2 IS NULL AND account NOT LIKE '2088%'))",
    )?;
    let others = others.query_map(params![until_ms, sub_mchid], |row| {
        let (id, at_ms, fen): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let name = if fen > 0 { "充值" } else { "提现" };
        Ok(Movement { at_ms, number: format!("M{id:016}"), name, kind: name, fen, voucher: format!("M{id}") })
    })?;
    for other in others {
        found.push(other?);
    }
    found.sort_by_key(|movement| movement.at_ms);
    Ok(found)
}

/// A day's fund-flow bill, proven by its running balance; `None` when nothing moved that day.
///
/// # Errors
/// When the state file fails.
pub(crate) fn fund(
    connection: &Connection,
    day: Day,
    sub_mchid: Option<&str>,
    wrong: bool,
) -> rusqlite::Result<Option<String>> {
    let mut balance = 0;
    let mut text = format!("\u{feff}{FUND}\r\n");
    let (mut came, mut went) = ((0i64, 0i64), (0i64, 0i64));
    for (at, movement) in movements(connection, day.until_ms, sub_mchid)?.into_iter().enumerate() {
        balance += movement.fen;
        if movement.at_ms < day.from_ms {
            continue;
        }
        let side = if movement.fen >= 0 { &mut came } else { &mut went };
        let more = i64::from(wrong && side.0 == 0);
        *side = (side.0 + 1, side.1 + movement.fen.abs() + more);
        text += &row(&[
            beijing(movement.at_ms, "%Y-%m-%d %H:%M:%S"),
            movement.number.clone(),
            format!("{}{at:06}", movement.number),
            movement.name.to_owned(),
            movement.kind.to_owned(),
            if movement.fen >= 0 { "收入" } else { "支出" }.to_owned(),
            yuan(movement.fen.abs() + more),
            signed_yuan(balance),
            "system".to_owned(),
            String::new(),
            movement.voucher,
        ]);
    }
    if came.0 + went.0 == 0 {
        return Ok(None);
    }
    text += &format!("{FUND_SUMMARY}\r\n");
    text += &row(&[(came.0 + went.0).to_string(), came.0.to_string(), yuan(came.1), went.0.to_string(), yuan(went.1)]);
    Ok(Some(text))
}

fn signed_yuan(fen: i64) -> String {
    if fen < 0 { format!("-{}", yuan(-fen)) } else { yuan(fen) }
}
