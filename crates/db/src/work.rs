use std::{future::Future, pin::Pin, sync::Mutex};

use tokio::sync::oneshot;

use crate::{Error, Key, Tx};

/// One closure waiting in a lane, its type erased.
pub(crate) trait Work: Send {
    /// The coarsest thing it locks.
    fn key(&self) -> Key;
    /// Runs it once; true when it succeeded.
    fn run<'a>(&'a self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + 'a>>;
    /// Replaces whatever it would answer.
    fn set(&self, error: Error);
    /// Answers its caller.
    fn answer(self: Box<Self>);
}

pub(crate) struct Closure<T, E, F> {
    pub key: Key,
    pub work: F,
    pub out: Mutex<Option<Result<T, E>>>,
    pub done: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Closure<T, E, F> {
    fn put(&self, result: Result<T, E>) {
        *self.out.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(result);
    }
}

impl<T, E, F> Work for Closure<T, E, F>
where
    T: Send,
    E: Send + From<Error>,
    F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn key(&self) -> Key {
        self.key
    }

    fn run<'a>(&'a self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            let result = (self.work)(tx).await;
            let ok = result.is_ok();
            self.put(result);
            ok
        })
    }

    fn set(&self, error: Error) {
        self.put(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        let this = *self;
        let result = this.out.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        // The caller may have gone away: its work is committed all the same.
        let _ = this.done.send(result.unwrap_or_else(|| Err(Error::CommitUnknown.into())));
    }
}
