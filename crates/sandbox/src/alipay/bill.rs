//! Bills (PROTOCOLS 2.4): a link for thirty seconds, a zip of GBK tables.

use std::sync::Arc;

use axum::extract::{Query, State as Extract};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use encoding_rs::GBK;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::content::text;
use super::gateway::Asked;
use super::refusal::Refusal;
use super::zip;
use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::{Call, Kind, Provider, Subject, take_now};
use crate::pages::yuan;
use crate::pay::sheet::{Day, fee_fen};
use crate::random;

/// A link's life, ms.
const LINK_MS: i64 = 30_000;
/// Bills are there from ten in the morning of the next day.
const READY_HOUR_MS: i64 = 10 * 3_600_000;

/// `alipay.data.dataservice.bill.downloadurl.query`
pub(super) fn link(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    let kind = text(&asked.content, "bill_type");
    if !["trade", "signcustomer"].contains(&kind) {
        return Err(Refusal::parameter("bill_type", "只支持 trade 和 signcustomer"));
    }
    let date = text(&asked.content, "bill_date");
    let day = Day::read(date).ok_or_else(|| Refusal::parameter("bill_date", "须为 yyyy-MM-dd"))?;
    if asked.now_ms < day.until_ms + READY_HOUR_MS {
        return Err(Refusal::new("40004", "isp.bill_not_exist", "账单不存在"));
    }
    let number = format!("{seller} {date} {kind}");
    let of = Subject { provider: Provider::Alipay, number, fen: 0, now_ms: asked.now_ms };
    let wrong = take_now(asked.app, Kind::BillDisagrees, Call::Bill, &of)?.is_some();
    let token = random::hex(24);
    asked.app.state.write(|tx| {
        let lines = lines(tx, &seller, day)?;
        let content = json!({
            "name": format!("{}_{}", seller, date.replace('-', "")),
            "tables": if kind == "trade" { trade(&seller, day, &lines, wrong) } else { account(&seller, day, &lines, wrong) },
        });
        tx.execute(
            "INSERT INTO bill_link (token, content, packed, expires_at_ms) VALUES (?1, ?2, 1, ?3)",
            params![token, content.to_string(), asked.now_ms + LINK_MS],
        )?;
        Ok::<_, Refusal>(())
    })?;
    Ok(json!({ "bill_download_url": format!("{}/alipay/bill?token={token}", asked.app.settings.public_url) }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ticket {
    token: String,
}

/// The zip.
pub(crate) async fn file(Extract(app): Extract<Arc<App>>, Query(ticket): Query<Ticket>) -> Result<Response, Error> {
    let found: Option<String> = app.state.read(|connection| {
        connection
            .query_row(
                "SELECT content FROM bill_link WHERE token = ?1 AND expires_at_ms > ?2",
                params![ticket.token, app.now_ms()],
                |row| row.get(0),
            )
            .optional()
    })?;
    let Some(content) = found else { return Ok((StatusCode::FORBIDDEN, "链接已失效").into_response()) };
    let content: Value = serde_json::from_str(&content)?;
    let gbk = |text: &str| GBK.encode(text).0.into_owned();
    let name = content["name"].as_str().unwrap_or_default();
    let tables = content["tables"].as_array().into_iter().flatten();
    let files: Vec<(Vec<u8>, Vec<u8>)> = tables
        .map(|table| {
            let part = |at: usize| table[at].as_str().unwrap_or_default();
            (gbk(&format!("{name}_{}.csv", part(0))), gbk(part(1)))
        })
        .collect();
    let disposition = format!("attachment; filename={name}.csv.zip");
    let headers = [(CONTENT_TYPE, "application/zip".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, zip::packed(&files)?).into_response())
}

/// A payment, or a refund with its number.
struct Line {
    at_ms: i64,
    trade_no: String,
    out_trade_no: String,
    subject: String,
    created_at_ms: i64,
    buyer: String,
    fen: i64,
    request: Option<String>,
}

fn lines(connection: &Connection, seller: &str, day: Day) -> rusqlite::Result<Vec<Line>> {
    connection
        .prepare_cached(
            "SELECT at_ms, trade_no, out_trade_no, json_extract(content, '$.subject'), created_at_ms, buyer, fen, request
             FROM (
                 SELECT paid_at_ms AS at_ms, trade_no, out_trade_no, content, created_at_ms, buyer, total_fen AS fen,
                     NULL AS request, seller_id FROM alipay_trade WHERE paid_at_ms IS NOT NULL
                 UNION ALL
                 SELECT at_ms, trade_no, out_trade_no, content, created_at_ms, buyer, alipay_refund.fen, out_request_no,
                     seller_id FROM alipay_refund JOIN alipay_trade USING (trade_no)
             ) WHERE seller_id = ?1 AND at_ms >= ?2 AND at_ms < ?3 ORDER BY at_ms, trade_no, request",
        )?
        .query_map(params![seller, day.from_ms, day.until_ms], |row| {
            Ok(Line {
                at_ms: row.get(0)?,
                trade_no: row.get(1)?,
                out_trade_no: row.get(2)?,
                subject: row.get(3)?,
                created_at_ms: row.get(4)?,
                buyer: row.get(5)?,
                fen: row.get(6)?,
                request: row.get(7)?,
            })
        })?
        .collect()
}

fn time(at_ms: i64) -> String {
    beijing(at_ms, "%Y-%m-%d %H:%M:%S")
}

/// A row: every value carries a trailing tab, so that a spreadsheet keeps long numbers.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{}\t", cell.replace([',', '\n', '\r'], " "))).collect();
    cells.join(",") + "\r\n"
}

fn head(title: &str, seller: &str, day: Day, list: &str) -> String {
    let at = |at_ms| beijing(at_ms, "%Y年%m月%d日 %H:%M:%S");
    format!(
        "#支付宝{title}查询\r\n#账号：[{seller}0156]\r\n#起始日期：[{}]   终止日期：[{}]\r\n\
         #-----------------------------------------{list}----------------------------------------\r\n",
        at(day.from_ms),
        at(day.until_ms)
    )
}

const TRADE: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,\
商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n";
const TRADE_SUMMARY: &str = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,\
商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\r\n";

fn minus(fen: i64) -> String {
    if fen < 0 { format!("-{}", yuan(-fen)) } else { yuan(fen) }
}

/// Payments and refunds, and their sums.
fn trade(seller: &str, day: Day, lines: &[Line], wrong: bool) -> Value {
    let mut detail = head("业务明细", seller, day, "业务明细列表") + TRADE;
    let (mut paid, mut back, mut fees) = ((0, 0), (0, 0), 0);
    for (at, line) in lines.iter().enumerate() {
        let fen = line.fen + i64::from(wrong && at == 0);
        let (kind, signed, fee) = match line.request {
            None => ("交易", fen, -fee_fen(line.fen)),
            Some(_) => ("退款", -fen, fee_fen(line.fen)),
        };
        let side = if line.request.is_none() { &mut paid } else { &mut back };
        *side = (side.0 + 1, side.1 + signed);
        fees += fee;
        let sum = minus(signed);
        let zero = "0.00";
        detail += &row(&[
            &line.trade_no,
            &line.out_trade_no,
            kind,
            &line.subject,
            &time(line.created_at_ms),
            &time(line.at_ms),
            "",
            "",
            "",
            "",
            &line.buyer,
            &sum,
            &sum,
            zero,
            zero,
            zero,
            zero,
            zero,
            "",
            zero,
            zero,
            line.request.as_deref().unwrap_or_default(),
            &minus(fee),
            zero,
            "",
        ]);
    }
    detail += "#-----------------------------------------业务明细列表结束------------------------------------\r\n";
    detail += &format!(
        "#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n#退款合计：{}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n",
        paid.0,
        minus(paid.1),
        back.0,
        minus(back.1)
    );
    detail += &format!("#导出时间：[{}]\r\n", time(day.until_ms + READY_HOUR_MS));
    let net = paid.1 + back.1;
    let mut summary = head("业务汇总", seller, day, "业务汇总列表") + TRADE_SUMMARY;
    summary += &row(&[
        "合计",
        "",
        &paid.0.to_string(),
        &back.0.to_string(),
        &minus(net),
        &minus(net),
        "0.00",
        "0.00",
        "0.00",
        &minus(fees),
        "0.00",
        &minus(net + fees),
    ]);
    summary += "#-----------------------------------------业务汇总列表结束------------------------------------\r\n";
    json!([["业务明细", detail], ["业务明细(汇总)", summary]])
}

const ACCOUNT: &str = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,\
交易渠道,业务类型,备注\r\n";

/// Movements of the account; the balance runs from the day's own beginning.
fn account(seller: &str, day: Day, lines: &[Line], wrong: bool) -> Value {
    let mut detail = head("账务明细", seller, day, "账务明细列表") + ACCOUNT;
    let mut balance = 0;
    for (at, line) in lines.iter().enumerate() {
        let fen = line.fen + i64::from(wrong && at == 0);
        let (kind, sum, fee) = match line.request {
            None => ("在线支付", fen, -fee_fen(line.fen)),
            Some(_) => ("交易退款", -fen, fee_fen(line.fen)),
        };
        for (number, kind, moved) in [(1, kind, sum), (2, "收费", fee)] {
            balance += moved;
            let (came, went) = if moved >= 0 { (yuan(moved), String::new()) } else { (String::new(), minus(moved)) };
            detail += &row(&[
                &format!("{}{at:06}{number}", &line.trade_no[..20.min(line.trade_no.len())]),
                &line.trade_no,
                &line.out_trade_no,
                &line.subject,
                &time(line.at_ms),
                &line.buyer,
                &came,
                &went,
                &minus(balance),
                "支付宝",
                kind,
                line.request.as_deref().unwrap_or_default(),
            ]);
        }
    }
    detail += "#-----------------------------------------账务明细列表结束------------------------------------\r\n";
    json!([["账务明细", detail]])
}
