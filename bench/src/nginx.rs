//! Debian's nginx with one static answer: the page's own bytes, under the page's own headers.

use std::{net::SocketAddr, thread};

use crate::{
    Error,
    process::{Server, free_address, program},
    room::Room,
};

/// nginx as a site of static files runs it.
pub struct Nginx {
    _server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Nginx {
    /// Serves at `path` what `answer` (head and body) says.
    ///
    /// # Errors
    /// When nginx is missing or does not start.
    pub fn start(room: &Room, path: &str, answer: &[u8]) -> Result<Nginx, Error> {
        let head = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(|| Error::new("not an answer"))?;
        let (root, address) = (room.file("nginx"), free_address()?);
        std::fs::create_dir_all(&root)?;
        std::fs::write(root.join("page.br"), &answer[head + 4..])?;
        let config = config(&root.to_string_lossy(), address, path, &String::from_utf8_lossy(&answer[..head]));
        let file = root.join("nginx.conf");
        std::fs::write(&file, config)?;
        let (file, prefix) = (file.to_string_lossy().into_owned(), root.to_string_lossy().into_owned());
        let nginx = program("nginx", &["/usr/sbin"], "nginx")?;
        let log = room.file("nginx.log");
        let mut server = Server::start(&nginx, &["-p", &prefix, "-c", &file], None, &log, "TERM")?;
        server.listens(address)?;
        Ok(Nginx { _server: server, address })
    }
}

/// Every header of ours that nginx does not write itself. A worker per core; sendfile and the cache of open files as
/// its manual advises for static files; no log, as we write none per request.
fn config(root: &str, address: SocketAddr, path: &str, head: &str) -> String {
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let own = ["content-type", "content-length", "date", "connection", "server"];
    let mut headers = String::new();
    let mut kind = "text/html";
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        if name.eq_ignore_ascii_case("content-type") {
            kind = value;
        }
        if !own.contains(&name.to_lowercase().as_str()) {
            headers += &format!("      add_header {name} \"{}\";\n", value.replace('"', "\\\""));
        }
    }
    format!(
        "daemon off;\nworker_processes {workers};\npid {root}/nginx.pid;\nerror_log stderr warn;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 1000000000;\n  etag off;\n\
         \x20 server_tokens off;\n  open_file_cache max=100;\n  client_body_temp_path {root};\n  proxy_temp_path {root};\n\
         \x20 fastcgi_temp_path {root};\n  uwsgi_temp_path {root};\n  scgi_temp_path {root};\n\
         \x20 server {{\n    listen {address};\n    location = {path} {{\n      alias {root}/page.br;\n\
         \x20     types {{}}\n      default_type \"{kind}\";\n      if_modified_since off;\n{headers}    }}\n  }}\n}}\n"
    )
}
