//! What was measured, as a table for people and as a list for `.run/bench.json`.

use std::path::Path;

use serde::Serialize;

use crate::Error;

/// One line. `ratio` is value / baseline; for rates more is better, for bytes, memory and time the baseline is the
/// limit and less is better.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What was measured.
    pub name: String,
    /// The median of its rounds.
    pub value: f64,
    /// `bytes`, `/s`, `MB` or `ms`.
    pub unit: &'static str,
    /// The median of the other side's rounds, or the limit.
    pub baseline: f64,
    /// value / baseline.
    pub ratio: f64,
    /// What the baseline is.
    #[serde(skip)]
    against: &'static str,
    /// What the ratio must be, where it is promised.
    #[serde(skip)]
    wanted: Option<Wanted>,
}

/// A promise about a ratio.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// At least this many times the baseline.
    AtLeast(f64),
    /// Not above the baseline.
    Within,
}

impl Line {
    /// A line; figures are rounded to what a reader can use.
    pub fn new(
        name: impl Into<String>,
        (value, unit): (f64, &'static str),
        (baseline, against): (f64, &'static str),
        wanted: Option<Wanted>,
    ) -> Line {
        let round = |x: f64, places: f64| (x * places).round() / places;
        let ratio = round(value / baseline, 1000.0);
        Line {
            name: name.into(),
            value: round(value, 10.0),
            unit,
            baseline: round(baseline, 10.0),
            ratio,
            against,
            wanted,
        }
    }

    fn verdict(&self) -> String {
        match self.wanted {
            Some(Wanted::AtLeast(least)) if self.ratio >= least => format!("ok (≥ {least})"),
            Some(Wanted::AtLeast(least)) => format!("BELOW {least}"),
            Some(Wanted::Within) if self.ratio <= 1.0 => "ok (≤ 1)".into(),
            Some(Wanted::Within) => "ABOVE 1".into(),
            None => String::new(),
        }
    }

    fn row(&self) -> String {
        let Line { name, value, unit, baseline, ratio, against, .. } = self;
        format!("{name:<26} {value:>10} {unit:<5} {baseline:>10}  {ratio:>7}  {:<12} {against}", self.verdict())
    }
}

/// Every line of this run, printed as it is known.
pub struct Report(Vec<Line>);

impl Report {
    /// A report with nothing in it yet but the names of the columns.
    pub fn new() -> Report {
        let (baseline, wanted) = ("baseline", "wanted");
        println!(
            "{:<26} {:>10} {:<5} {baseline:>10}  {:>7}  {wanted:<12} baseline is",
            "name", "value", "unit", "ratio"
        );
        Report(Vec::new())
    }

    /// Takes and prints a line.
    pub fn add(&mut self, line: Line) {
        println!("{}", line.row());
        self.0.push(line);
    }

    /// Writes the list, keeping earlier lines of names that were not measured this time (`ONLY=page` renews its own).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let earlier: Vec<serde_json::Value> =
            std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let mut all: Vec<serde_json::Value> =
            earlier.into_iter().filter(|old| self.0.iter().all(|line| old["name"] != line.name)).collect();
        for line in &self.0 {
            all.push(serde_json::to_value(line)?);
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?)
    }
}

/// The middle of the rounds: one disturbed round changes nothing.
pub fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    let middle = rounds.len() / 2;
    match rounds.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => rounds[middle],
        _ => (rounds[middle - 1] + rounds[middle]) / 2.0,
    }
}
