//! Whether a code takes orders at a moment. Pure.

/// Where a code stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes orders.
    Live,
    /// It was replaced and takes orders until this moment, which is no longer part of its life.
    Superseded {
        /// UTC milliseconds.
        until_ms: i64,
    },
    /// It takes nothing any more.
    Dead,
}

/// Where a code stands at `now_ms`. At the third hour sharp a superseded code is dead (PRODUCT 3.2).
pub fn standing(state: &str, expires_at_ms: Option<i64>, now_ms: i64) -> Standing {
    match (state, expires_at_ms) {
        (_, Some(until_ms)) if now_ms >= until_ms => Standing::Dead,
        ("live", _) => Standing::Live,
        ("superseded", Some(until_ms)) => Standing::Superseded { until_ms },
        _ => Standing::Dead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superseded_code_dies_at_the_third_hour_sharp_product_3_2() {
        assert_eq!(standing("superseded", Some(1000), 999), Standing::Superseded { until_ms: 1000 });
        assert_eq!(standing("superseded", Some(1000), 1000), Standing::Dead);
        assert_eq!(standing("live", None, i64::MAX), Standing::Live);
        assert_eq!(standing("live", Some(5), 5), Standing::Dead);
        assert_eq!(standing("ended", None, 0), Standing::Dead);
        assert_eq!(standing("superseded", None, 0), Standing::Dead, "a superseded code without an end is none");
    }
}
