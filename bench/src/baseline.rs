//! The other side of the databases' ratios: the product's own statements with the same rows, told once for the plain
//! SQLite connection and for pgbench alike.

use mott::{order, payment};

use crate::seed::{AMOUNT_FEN, World};

/// What a statement is given in the `n`-th transaction.
#[derive(Clone, Debug)]
pub enum Given {
    /// NULL.
    Null,
    /// Always this number.
    Number(i64),
    /// Always this text.
    Text(String),
    /// Always these bytes.
    Bytes(Vec<u8>),
    /// This number plus `n`.
    Count(i64),
    /// The text of this number plus `n`.
    CountText(i64),
}

use Given::{Bytes, Count, CountText, Null, Number, Text};

/// One statement and what it is given for `$1`, `$2`, …
pub struct Statement {
    /// The product's own text.
    pub sql: &'static str,
    /// Its values.
    pub given: Vec<Given>,
}

fn pair<const N: usize>(texts: [&'static str; N], given: [Vec<Given>; N]) -> Vec<Statement> {
    texts.into_iter().zip(given).map(|(sql, given)| Statement { sql, given }).collect()
}

/// What `payment::confirm` runs for a callback of `headers` and `body`.
pub fn booking(world: &World, headers: &str, body: &[u8]) -> Vec<Statement> {
    let merchant = || Number(world.merchant_id);
    let (order, record) = (|| Count(world.first_order), || Count(world.first_order + (1 << 40)));
    let paid_at = || Number(world.now_ms);
    pair(
        payment::BOOKING,
        [
            vec![merchant(), order(), Number(1)],
            vec![
                merchant(),
                Count(world.first_order + (1 << 41)),
                Text(world.provider_key.clone()),
                Text(world.out_trade_no(0)),
                Text(headers.into()),
                Bytes(body.into()),
                paid_at(),
                CountText(4_200_000_000_000_000_000),
                Number(AMOUNT_FEN),
            ],
            vec![merchant(), order(), Number(1), paid_at()],
            vec![
                merchant(),
                order(),
                Number(1),
                Text("order".into()),
                CountText(4_200_000_000_000_000_000),
                Number(AMOUNT_FEN),
                Null,
                Text("JSAPI".into()),
                paid_at(),
                paid_at(),
            ],
            vec![
                merchant(),
                record(),
                Number(world.manager_id),
                Number(world.org_unit_id),
                order(),
                Number(1),
                Number(AMOUNT_FEN),
                paid_at(),
            ],
            vec![merchant(), record(), Number(world.manager_id), Text("payment".into()), record()],
            vec![
                merchant(),
                Text(payment::AFTER_PAID.into()),
                CountText(world.first_order),
                Number(7),
                CountText(world.first_order),
                paid_at(),
                paid_at(),
            ],
        ],
    )
}

/// What `order::place` runs in its transaction. Its reads before it are not counted against the baseline.
pub fn placing(world: &World) -> Vec<Statement> {
    let new = world.first_order + (1 << 40);
    let merchant = || Number(world.merchant_id);
    let (now, until) = (|| Number(world.now_ms), || Number(world.now_ms + 30 * 60_000));
    let values = r#"[{"key":"payer_name","label":"付款人姓名","value":"张三"}]"#;
    pair(
        order::PLACING,
        [
            vec![merchant(), Text(world.code_token.clone())],
            vec![
                merchant(),
                Count(new),
                CountText(new),
                CountText(new),
                Number(world.code_id),
                Number(world.manager_id),
                Number(world.org_unit_id),
                Number(world.form_id),
                Number(world.form_version),
                Text(values.into()),
                Text("张三".into()),
                Text(String::new()),
                Number(AMOUNT_FEN),
                now(),
                until(),
            ],
            vec![
                merchant(),
                Text(order::EXPIRE.into()),
                CountText(new),
                Number(7),
                Text(String::new()),
                until(),
                now(),
            ],
        ],
    )
}
