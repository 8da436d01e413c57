//! What a channel finds when it really calls its institution, without changing anything there. The words for people are
//! made of it by whoever asked: here are facts, and the institution's own code and message where it gave one.

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An answer came, whatever it said.
    Reached {
        /// How long it took, milliseconds.
        took_ms: i64,
    },
    /// No answer came.
    Unreachable {
        /// Why.
        why: String,
    },
    /// An answer that says nothing: a proxy's page, the institution's own trouble.
    Unclear {
        /// What came.
        why: String,
    },
    /// How far our clock is ahead of the institution's, milliseconds; behind is negative. It tells whole seconds.
    Skew {
        /// Ours less theirs.
        ahead_ms: i64,
    },
    /// It believes our signature.
    Recognised,
    /// It does not: our key, its serial or our number is wrong there.
    NotRecognised(Said),
    /// Its answer is signed with a key that we know.
    Verified {
        /// The institution's name for the key.
        key_id: String,
    },
    /// Its answer carries no signature; it signs no refusals.
    NotSigned,
    /// Its answer cannot be believed.
    NotVerified {
        /// Why.
        why: String,
    },
    /// What it seals for us opens.
    SealOpens,
    /// What it seals for us does not open.
    SealBroken {
        /// Why.
        why: String,
    },
    /// It sealed nothing that we could have tried: it has no certificates for a provider in public-key mode.
    SealNotTried,
    /// It lets us act for the merchant.
    MerchantKnown,
    /// It does not let us act for the merchant.
    MerchantRefused(Said),
    /// Any other refusal.
    Refused(Said),
}

/// The institution's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its code, such as `NO_AUTH`.
    pub code: String,
    /// Its message.
    pub message: String,
}
