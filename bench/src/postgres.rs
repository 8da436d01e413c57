//! A PostgreSQL of its own, durable as production is, for as long as the bench runs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error,
    process::{self, Server, free_address, is_root, program},
};

/// Where Debian puts a server's programs.
pub const FOLDERS: &[&str] =
    &["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];

/// A cluster with databases that are copied for each round.
pub struct Cluster {
    _server: Server,
    port: u16,
    /// Where psql is.
    pub psql: PathBuf,
}

impl Cluster {
    /// Makes a cluster in `folder` and starts it. `initdb` refuses root, so root becomes the user postgres for it.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start.
    pub fn start(folder: &Path) -> Result<Cluster, Error> {
        let find = |name| program(name, FOLDERS, "postgresql");
        let data = folder.join("postgres");
        std::fs::create_dir(&data)?;
        let user = is_root().then_some("postgres");
        let mut init = match user {
            Some(user) => {
                process::run(Command::new("chown").arg(user).arg(&data))?;
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(find("initdb")?);
                command
            }
            None => Command::new(find("initdb")?),
        };
        init.args(["-U", "mott", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(&data);
        process::run(init.current_dir("/"))?;
        let port = free_address()?.port();
        let place = data.to_string_lossy().into_owned();
        let number = port.to_string();
        let sockets = format!("unix_socket_directories={place}");
        // Durability is PostgreSQL's own default and stays on; both sides have the same server.
        let mut words = vec!["-D", &place, "-p", &number];
        for setting in
            ["listen_addresses=127.0.0.1", &sockets, "max_connections=100", "fsync=on", "synchronous_commit=on"]
        {
            words.extend(["-c", setting]);
        }
        let mut server = Server::start(&find("postgres")?, &words, user, &folder.join("postgres.log"), "INT")?;
        let cluster_is_up = |psql: &Path| {
            let mut ask = Command::new(psql);
            process::run(ask.args(["-qAt", "-c", "SELECT 1", &url(port, "postgres")])).is_ok()
        };
        let psql = find("psql")?;
        server.wait_until(|| cluster_is_up(&psql))?;
        Ok(Cluster { _server: server, port, psql })
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// Makes an empty database, or a copy of another.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub fn create(&self, database: &str, like: Option<&str>) -> Result<(), Error> {
        let like = like.map_or_else(String::new, |like| format!(" TEMPLATE {like}"));
        self.say("postgres", &format!("CREATE DATABASE {database}{like}"))?;
        // What the copy left to be written must not be written while something is measured.
        self.say("postgres", "CHECKPOINT").map(drop)
    }

    /// Drops a database whoever is connected to it.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub fn drop(&self, database: &str) -> Result<(), Error> {
        self.say("postgres", &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).map(drop)
    }

    /// Runs one statement and gives what it prints.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub fn say(&self, database: &str, statement: &str) -> Result<String, Error> {
        let mut command = Command::new(&self.psql);
        command.args(["-qAt", "-v", "ON_ERROR_STOP=1", "-c", statement, &self.url(database)]);
        Ok(process::run(&mut command)?.trim().to_owned())
    }
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://mott@127.0.0.1:{port}/{database}")
}
