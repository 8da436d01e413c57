//! What happens around each statement of a node: others take their turn, answers are lost, and the node may die there.

use db::{Around, Error, Moment};

use crate::sim::{NodeId, Sim};

/// One node's door to the database. Node 0 only watches: nothing goes wrong for it.
pub struct Door {
    /// The run.
    pub sim: Sim,
    /// Whose door.
    pub node: NodeId,
}

impl Around for Door {
    fn before(&self, writes: bool) -> Moment {
        let (sim, node) = (self.sim.clone(), self.node);
        Box::pin(async move {
            if node > 0 {
                sim.give_way().await;
                if sim.fault(1, 200) {
                    sim.pause(1, 800).await;
                }
                if sim.fault(1, 1_500) {
                    sim.log(format!("node {node}: the database does not answer"));
                    return Err(if writes { Error::Busy } else { Error::Unavailable("not now".into()) });
                }
            }
            sim.asked(node, 1);
            Ok(())
        })
    }

    fn after(&self, writes: bool) -> Moment {
        let (sim, node) = (self.sim.clone(), self.node);
        Box::pin(async move {
            sim.asked(node, -1);
            if node > 0 {
                if writes {
                    sim.written();
                }
                sim.give_way().await;
                if writes && sim.fault(1, 1_500) {
                    sim.log(format!("node {node}: a commit goes unanswered"));
                    return Err(Error::CommitUnknown);
                }
            }
            Ok(())
        })
    }
}
