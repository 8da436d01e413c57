//! Runs the closures of a batch in waves: each sends its statement, and none goes on before all have their answers.
//!
//! Left alone, each answer would at once become one more small request: a write, a wake-up and a read for every
//! statement, on both sides of the connection. In waves the statements of all closures travel together.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::task::AtomicWaker;

/// Those that still wait for their answers, and who is told when none does.
#[derive(Default)]
struct Wave {
    waiting: AtomicUsize,
    lane: AtomicWaker,
}

/// One closure's place in its wave.
struct Place {
    wave: Arc<Wave>,
    waits: AtomicBool,
}

impl Wake for Place {
    fn wake(self: Arc<Self>) {
        // The first answer counts; the last of the wave wakes the lane.
        if self.waits.swap(false, Ordering::AcqRel) && self.wave.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.wave.lane.wake();
        }
    }
}

struct Running<F> {
    work: Pin<Box<F>>,
    place: Arc<Place>,
    waker: Waker,
}

/// Runs all of them to their ends. What they answer comes in no order.
pub(crate) async fn run<F: Future>(works: impl Iterator<Item = F>) -> Vec<F::Output> {
    let wave = Arc::new(Wave::default());
    let mut running: Vec<Running<F>> = works
        .map(|work| {
            let place = Arc::new(Place { wave: wave.clone(), waits: AtomicBool::new(false) });
            Running { work: Box::pin(work), waker: Waker::from(place.clone()), place }
        })
        .collect();
    let mut ended = Vec::with_capacity(running.len());
    poll_fn(|cx| {
        wave.lane.register(cx.waker());
        while wave.waiting.load(Ordering::Acquire) == 0 {
            if running.is_empty() {
                return Poll::Ready(());
            }
            // Counted before they are polled: an answer may come while the others still send.
            wave.waiting.store(running.len(), Ordering::Release);
            running.iter().for_each(|one| one.place.waits.store(true, Ordering::Release));
            running.retain_mut(|one| match one.work.as_mut().poll(&mut Context::from_waker(&one.waker)) {
                Poll::Pending => true,
                Poll::Ready(answer) => {
                    ended.push(answer);
                    one.waker.wake_by_ref();
                    false
                }
            });
        }
        Poll::Pending
    })
    .await;
    ended
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Waits once for somebody else's turn, as a statement waits for its answer.
    async fn answer() {
        let mut asked = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut asked, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    #[tokio::test]
    async fn nobody_goes_on_before_all_have_their_answers() {
        let said = RefCell::new(Vec::new());
        let works = (0..3).map(|n| {
            let said = &said;
            async move {
                for step in 0..=n {
                    said.borrow_mut().push(step);
                    answer().await;
                }
                n
            }
        });
        let mut ended = run(works).await;
        ended.sort_unstable();
        assert_eq!(ended, [0, 1, 2]);
        assert_eq!(*said.borrow(), [0, 0, 0, 1, 1, 2], "the short ones end without holding up the others");
    }

    #[tokio::test]
    async fn a_wave_of_none_is_over_at_once() {
        assert!(run(std::iter::empty::<std::future::Ready<()>>()).await.is_empty());
    }

    #[tokio::test]
    async fn answers_from_elsewhere_arrive() {
        let works = (0..50).map(|n| async move {
            let (send, receive) = tokio::sync::oneshot::channel();
            let sending = std::thread::spawn(move || send.send(n));
            let got = receive.await.unwrap();
            sending.join().unwrap().unwrap();
            got
        });
        assert_eq!(run(works).await.len(), 50);
    }
}
