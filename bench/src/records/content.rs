//! What the records hold: names, classes, mobiles and amounts as a school has them, the same in every run.

use mott::{
    form::FilledField,
    ids,
    record::{Entry, Source},
};

use crate::seed::World;

use super::Found;

const SURNAMES: [&str; 20] = [
    "李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗",
];
const GIVEN: [&str; 60] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞",
    "平", "刚", "桂", "英", "华", "玉", "萍", "红", "鹏", "辉", "玲", "梅", "琳", "鑫", "宇", "晨", "佳", "欣", "怡",
    "雨", "浩", "然", "梓", "涵", "轩", "博", "文", "思", "雪", "晓", "婷", "诺", "一", "天", "子", "嘉", "乐", "心",
    "安", "和", "清",
];
const ITEMS: [&str; 4] = ["学费", "住宿费", "教材费", "校服费"];
const NUMERALS: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
/// In one record of so many.
const RARE: u64 = 50_021;
/// The oldest so many have a name of their own.
const OLD: i64 = 500;
/// The records lie this far back.
const DAYS: i64 = 600;

/// Records of one size.
pub struct Content {
    /// Of whom.
    pub world: World,
    /// How many.
    pub size: i64,
}

/// One record with what belongs to it.
pub struct Made {
    /// Its number.
    pub record_id: i64,
    /// Its order's.
    pub order_id: i64,
    /// Its manager: four of five are one's own.
    pub manager_id: i64,
    /// The payer.
    pub title: String,
    /// The rest.
    pub subtitle: String,
    /// As orders store it.
    pub values: String,
    /// Fen.
    pub amount_fen: i64,
    /// Our number at the institution.
    pub out_trade_no: String,
    /// The institution's.
    pub transaction_id: String,
    /// When it was paid, UTC milliseconds.
    pub success_at_ms: i64,
    /// What it is found by.
    pub entry: Entry,
}

/// Scatters: `n` decides everything, and nothing repeats.
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn pick<'a>(from: &[&'a str], by: u64) -> &'a str {
    from[(by % from.len() as u64) as usize]
}

impl Content {
    /// When the `n`-th was booked, as an id.
    pub fn record_id(&self, n: i64) -> i64 {
        let span_ms = DAYS * 86_400_000;
        ids::floor_of(self.world.now_ms - span_ms + span_ms / self.size * n) | (n & 0xfff)
    }

    fn mobile(&self, n: i64) -> String {
        format!("138{:08}", mix(n as u64 ^ 0x5eed) % 100_000_000)
    }

    fn amount_fen(n: i64) -> i64 {
        500 + (mix(n as u64 ^ 0xfe) % 300_000) as i64
    }

    fn name(n: i64) -> String {
        let by = mix(n as u64);
        if n < OLD {
            return format!("司马{}", pick(&GIVEN, by));
        }
        format!("{}{}{}", pick(&SURNAMES, by), pick(&GIVEN, by >> 8), pick(&GIVEN, by >> 20))
    }

    /// The `n`-th, oldest first.
    pub fn make(&self, n: i64) -> Made {
        let by = mix(n as u64 ^ 0xc1a5);
        let record_id = self.record_id(n);
        let order_id = record_id - (60_000 << 22);
        let manager_id = self.world.manager_id + i64::from(n % 5 == 0);
        let (grade, class) = (pick(&NUMERALS[..6], by), pick(&NUMERALS, by >> 8));
        let rare = if mix(n as u64 ^ 0x4a4e).is_multiple_of(RARE) { " 玻璃赔偿" } else { "" };
        let field = |key: &str, label: &str, value: String| FilledField { key: key.into(), label: label.into(), value };
        let values = [
            field("payer_name", "付款人姓名", Self::name(n)),
            field("item", "缴费项目", pick(&ITEMS, by >> 16).into()),
            field("remark", "备注", format!("{grade}年级{class}班 {}{rare}", self.mobile(n))),
        ];
        let amount_fen = Self::amount_fen(n);
        let out_trade_no = format!("M{}O{order_id}A1", self.world.merchant_id);
        let transaction_id = format!("42000{:03}{:020}", by % 1000, mix(n as u64 ^ 0x7a));
        let source =
            Source { values: &values, code: ["默认收款码", "A3-0172"], numbers: [&out_trade_no, &transaction_id] };
        let entry = Entry::of((self.world.merchant_id, manager_id), record_id, amount_fen, source);
        Made {
            record_id,
            order_id,
            manager_id,
            title: values[0].value.clone(),
            subtitle: format!("{} · {}", values[1].value, values[2].value),
            values: serde_json::to_string(&values).unwrap_or_default(),
            amount_fen,
            out_trade_no,
            transaction_id,
            success_at_ms: ids::minted_at_ms(record_id),
            entry,
        }
    }

    /// Kinds of keywords, words of each, and what they find.
    pub fn keywords(&self) -> Vec<(&'static str, Vec<String>, Found)> {
        let own = |n: i64| n - n % 5 + 1; // the big manager's
        let spread = |k: i64| own(self.size / 41 * k + OLD);
        let texts = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let amounts = |k: i64| format!("={}", money(Self::amount_fen(spread(k))));
        vec![
            ("rare", texts(&["玻璃", "玻璃赔偿", "赔偿"]), Found::Some),
            ("common", texts(&["学费", "年级", "三年级", "二班", "李", "138"]), Found::APage),
            ("absent", texts(&["量子", "望远镜", "诸葛", "龙", "三年级十班", "abc", "显微"]), Found::Nothing),
            ("old_only", texts(&["司马", "司", "司马清"]), Found::Some),
            ("two_chars", (1..40).map(|k| Self::name(spread(k)).chars().skip(1).collect()).collect(), Found::Some),
            ("phone_tail", (1..40).map(|k| self.mobile(spread(k))[7..].to_owned()).collect(), Found::Some),
            ("order_no", (1..40).map(|k| self.make(spread(k)).order_id.to_string()).collect(), Found::Some),
            ("amount", (1..40).map(amounts).collect(), Found::Some),
            ("range", texts(&["1000-2000", "2999-3004.99", "100-150 晨", "5-6 校服"]), Found::Some),
        ]
    }
}

fn money(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
