//! The scenarios for people: a button each, what it does, what one should see, and what was seen.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::{Played, ROWS, Target, run};
use crate::app::App;
use crate::error::Error;
use crate::files;
use crate::scenario::rows::Row;

/// The page.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/scenarios", get(show)).route("/scenarios/play", post(play))
}

/// Against whom; what the demo says where the form is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    /// The button: a row's name and a channel.
    play: String,
    code: String,
    login: String,
    password: String,
}

#[derive(Template)]
#[template(path = "scenarios.html")]
struct Page {
    rows: &'static [Row],
    wanted: Wanted,
    has_clock: bool,
    played: Vec<Played>,
    refused: String,
}

/// What the demo writes down about itself: where the code is, who the admin is.
#[derive(Deserialize)]
struct Demo {
    payer_url: String,
    admin: Admin,
}

#[derive(Deserialize)]
struct Admin {
    login: String,
    password: String,
}

impl Wanted {
    /// Fills what is empty from the demo's own description, where there is one.
    fn or_demo(mut self, app: &App) -> Result<Self, Error> {
        let Some(file) = &app.settings.scenario_target else { return Ok(self) };
        let Some(text) = files::read(file)? else { return Ok(self) };
        let demo: Demo = serde_json::from_str(&text)?;
        for (given, told) in [
            (&mut self.code, demo.payer_url),
            (&mut self.login, demo.admin.login),
            (&mut self.password, demo.admin.password),
        ] {
            if given.trim().is_empty() {
                *given = told;
            }
        }
        Ok(self)
    }
}

fn page(app: &App, wanted: Wanted, played: Vec<Played>, refused: String) -> Result<Html<String>, Error> {
    let has_clock = app.settings.clock.file().is_some();
    Ok(Html(Page { rows: &ROWS, wanted, has_clock, played, refused }.render()?))
}

async fn show(Extract(app): Extract<Arc<App>>) -> Result<Html<String>, Error> {
    let wanted = Wanted::default().or_demo(&app)?;
    page(&app, wanted, Vec::new(), String::new())
}

async fn play(Extract(app): Extract<Arc<App>>, Form(wanted): Form<Wanted>) -> Result<Html<String>, Error> {
    let wanted = wanted.or_demo(&app)?;
    let target = Target {
        code_url: wanted.code.trim().to_owned(),
        sandbox_url: app.public_url().to_owned(),
        admin: (wanted.login.clone(), wanted.password.clone()),
        approver: None,
        manager: None,
        clock: app.settings.clock.file().map(ToOwned::to_owned),
        check: None,
    };
    let (row, channel) = wanted.play.split_once(' ').unwrap_or_default();
    let done = run(&target, &[row], &[channel], |_| {}).await;
    let (played, refused) = match done {
        Ok(played) => (played.into_iter().filter(|played| played.row != "books").collect(), String::new()),
        Err(why) => (Vec::new(), why),
    };
    page(&app, wanted, played, refused)
}
