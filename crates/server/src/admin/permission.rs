//! What a role allows, beyond looking. One table: whoever adds a role or a permission reads and changes it here.

use super::Role;

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Register and disable managers, edit forms.
    Manage,
    /// Ask for a refund, and take an own request back.
    RefundRequest,
    /// Decide on a refund that somebody else asked for.
    RefundApprove,
    /// Claim, refund or explain what needs a person.
    InboxAct,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Permission; 4] =
        [Permission::Manage, Permission::RefundRequest, Permission::RefundApprove, Permission::InboxAct];

    /// The word in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Permission::Manage => "manage",
            Permission::RefundRequest => "refund.request",
            Permission::RefundApprove => "refund.approve",
            Permission::InboxAct => "inbox.act",
        }
    }
}

impl Role {
    /// Whether the role allows it.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission::{InboxAct, Manage, RefundApprove, RefundRequest};
        match (self, permission) {
            (Role::Admin, Manage | RefundRequest | RefundApprove | InboxAct) => true,
            (Role::Finance, RefundRequest | RefundApprove | InboxAct) => true,
            (Role::Finance, Manage) => false,
            (Role::Viewer, Manage | RefundRequest | RefundApprove | InboxAct) => false,
        }
    }

    /// What the role allows, in words.
    pub fn permissions(self) -> Vec<String> {
        Permission::ALL.into_iter().filter(|p| self.may(*p)).map(|p| p.word().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_permissions_product_5() {
        assert_eq!(Role::Admin.permissions(), ["manage", "refund.request", "refund.approve", "inbox.act"]);
        assert_eq!(Role::Finance.permissions(), ["refund.request", "refund.approve", "inbox.act"]);
        assert!(Role::Viewer.permissions().is_empty(), "who looks changes nothing");
    }
}
