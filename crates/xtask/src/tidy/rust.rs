//! Enough of a Rust lexer to tell code from comments, strings and tests. The rules read this, not raw text, so that
//! a word in a comment never breaks a rule and a string never hides one.

/// A Rust file, taken apart. All parts keep the line numbers of the file.
pub struct Rust {
    /// The text with comments and the contents of strings blanked out.
    pub code: String,
    /// Every string literal: its first line (from 1) and its raw contents.
    pub strings: Vec<(usize, String)>,
    /// First and last line (from 1) of every item under `#[cfg(test)]`.
    test_spans: Vec<(usize, usize)>,
    all_test: bool,
}

impl Rust {
    /// Takes `text` apart; `path` says whether the whole file is test code.
    #[must_use]
    pub fn read(path: &str, text: &str) -> Self {
        let (code, strings) =
            Lexer { src: text.chars().collect(), at: 0, line: 1, code: String::new(), strings: vec![] }.run();
        let test_spans = test_spans(&code);
        Self { code, strings, test_spans, all_test: is_test_file(path) }
    }

    /// Whether this line (from 1) is only compiled for tests.
    #[must_use]
    pub fn is_test(&self, line: usize) -> bool {
        self.all_test || self.test_spans.iter().any(|&(from, to)| (from..=to).contains(&line))
    }

    /// Names of the modules in files of their own that are only compiled for tests (`#[cfg(test)] mod testing;`).
    #[must_use]
    pub fn test_modules(&self) -> Vec<String> {
        let lines: Vec<&str> = self.code.lines().collect();
        let last_lines = self.test_spans.iter().filter_map(|&(_, to)| lines.get(to - 1));
        let declared = last_lines.filter_map(|line| line.trim().strip_suffix(';')?.split_once("mod "));
        declared.map(|(_, name)| name.trim().to_string()).collect()
    }

    /// From now on every line counts as test code.
    pub fn only_for_tests(&mut self) {
        self.all_test = true;
    }

    /// Lines of shipped code, with their numbers.
    pub fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(n, line)| (n + 1, line)).filter(|&(n, _)| !self.is_test(n))
    }

    /// Lines of test code, with their numbers.
    pub fn tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(n, line)| (n + 1, line)).filter(|&(n, _)| self.is_test(n))
    }

    /// Every `a::b::c` in shipped code with its line, groups (`a::{b, c}`) spelled out.
    #[must_use]
    pub fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let chars: Vec<char> = self.code.chars().collect();
        let (mut at, mut line, mut found) = (0, 1, vec![]);
        while at < chars.len() {
            if is_ident_start(chars[at]) && (at == 0 || !is_ident(chars[at - 1])) {
                let mut paths = vec![];
                let end = read_path(&chars, at, &[], &mut paths);
                found.extend(
                    paths.into_iter().filter(|path| path.len() > 1 && !self.is_test(line)).map(|path| (line, path)),
                );
                line += chars[at..end].iter().filter(|&&c| c == '\n').count();
                at = end.max(at + 1);
            } else {
                line += usize::from(chars[at] == '\n');
                at += 1;
            }
        }
        found
    }
}

/// Whether a path holds nothing but test code.
#[must_use]
pub fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/") || path.starts_with("tests/")
}

/// Whether `c` can stand inside an identifier.
#[must_use]
pub fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_ident_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn skip_space(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at].is_whitespace() {
        at += 1;
    }
    at
}

/// Reads one path from `at`, pushing every full path it stands for; returns where it ends.
fn read_path(chars: &[char], at: usize, prefix: &[String], out: &mut Vec<Vec<String>>) -> usize {
    let mut end = at;
    while end < chars.len() && is_ident(chars[end]) {
        end += 1;
    }
    let mut path = prefix.to_vec();
    path.push(chars[at..end].iter().collect());
    let next = skip_space(chars, end);
    if chars.get(next) != Some(&':') || chars.get(next + 1) != Some(&':') {
        out.push(path);
        return end;
    }
    let next = skip_space(chars, next + 2);
    match chars.get(next) {
        Some('{') => read_group(chars, next + 1, &path, out),
        Some(c) if is_ident_start(*c) => read_path(chars, next, &path, out),
        _ => {
            out.push(path);
            next
        }
    }
}

fn read_group(chars: &[char], mut at: usize, prefix: &[String], out: &mut Vec<Vec<String>>) -> usize {
    while at < chars.len() && chars[at] != '}' {
        if is_ident_start(chars[at]) {
            at = read_path(chars, at, prefix, out);
            // `x as y`: what follows `as` is a new name, not a path.
            let next = skip_space(chars, at);
            if chars[next..].starts_with(&['a', 's', ' ']) {
                while at < chars.len() && chars[at] != ',' && chars[at] != '}' {
                    at += 1;
                }
            }
        } else {
            at += 1;
        }
    }
    at + 1
}

/// The text between the bracket at `open` and its partner, as byte offsets into `code`.
#[must_use]
pub fn balanced(code: &str, open: usize) -> Option<(usize, usize)> {
    let mut depth = 0usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((open + 1, open + at));
                }
            }
            _ => {}
        }
    }
    None
}

/// The line (from 1) of a byte offset.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn test_spans(code: &str) -> Vec<(usize, usize)> {
    let starts = code.match_indices("#[cfg(").filter(|(at, _)| {
        balanced(code, at + 5)
            .is_some_and(|(from, to)| code[from..to].split(|c| !is_ident(c)).any(|word| word == "test"))
    });
    starts
        .filter_map(|(at, _)| {
            let end_of_attribute = balanced(code, at + 1)?.1 + 1;
            let rest = &code[end_of_attribute..];
            let stop = rest.find([';', '{'])?;
            let end = match rest.as_bytes().get(stop) {
                Some(b'{') => balanced(code, end_of_attribute + stop)?.1,
                _ => end_of_attribute + stop,
            };
            Some((line_of(code, at), line_of(code, end)))
        })
        .collect()
}

struct Lexer {
    src: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer {
    fn run(mut self) -> (String, Vec<(usize, String)>) {
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.blank_while(|lexer| lexer.peek(0) != Some('\n')),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(0, true),
                ('r' | 'b' | 'c', _) if !self.after_ident() && self.raw_or_prefixed() => {}
                ('\'', _) => self.quote(),
                _ => self.keep(),
            }
        }
        (self.code, self.strings)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.src.get(self.at + ahead).copied()
    }

    fn after_ident(&self) -> bool {
        self.at > 0 && is_ident(self.src[self.at - 1])
    }

    fn keep(&mut self) {
        let c = self.src[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(c);
        self.at += 1;
    }

    fn blank(&mut self) {
        let c = self.src[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(if c == '\n' { '\n' } else { ' ' });
        self.at += 1;
    }

    fn blank_while(&mut self, go_on: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && go_on(self) {
            self.blank();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    /// `r"`, `r#"`, `b"`, `br#"`, `c"`, … Returns false, having read nothing, where it is none of these.
    fn raw_or_prefixed(&mut self) -> bool {
        let mut ahead = 0;
        while matches!(self.peek(ahead), Some('r' | 'b' | 'c')) && ahead < 2 {
            ahead += 1;
        }
        let raw = self.src[self.at..self.at + ahead].contains(&'r');
        let mut hashes = 0;
        while raw && self.peek(ahead + hashes) == Some('#') {
            hashes += 1;
        }
        if self.peek(ahead + hashes) != Some('"') {
            return false;
        }
        for _ in 0..ahead + hashes {
            self.keep();
        }
        self.string(hashes, !raw);
        true
    }

    fn string(&mut self, hashes: usize, escapes: bool) {
        let (line, mut contents) = (self.line, String::new());
        self.keep();
        while let Some(c) = self.peek(0) {
            if c == '"' && (1..=hashes).all(|n| self.peek(n) == Some('#')) {
                break;
            }
            if c == '\\' && escapes {
                contents.push(c);
                self.blank();
            }
            contents.extend(self.peek(0));
            if self.peek(0).is_some() {
                self.blank();
            }
        }
        for _ in 0..=hashes {
            if self.peek(0).is_some() {
                self.keep();
            }
        }
        self.strings.push((line, contents));
    }

    /// A character literal is blanked, a lifetime is kept.
    fn quote(&mut self) {
        let literal = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        self.keep();
        if !literal {
            return;
        }
        if self.peek(0) == Some('\\') {
            self.blank();
        }
        self.blank();
        self.blank_while(|lexer| lexer.peek(0) != Some('\''));
        if self.peek(0).is_some() {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let text = "let a = \"x // y\"; // tokio::spawn\n/* f64 /* nested */ f32 */ let b = r#\"SELECT \"1\"\"#; let c = '\"'; fn f<'a>() {}";
        let rust = Rust::read("src/a.rs", text);
        assert!(!rust.code.contains("spawn") && !rust.code.contains("f64") && !rust.code.contains("SELECT"));
        assert!(rust.code.contains("fn f<'a>() {}"), "a lifetime is code: {}", rust.code);
        assert_eq!(rust.strings, [(1, "x // y".to_string()), (2, "SELECT \"1\"".to_string())]);
    }

    #[test]
    fn items_under_cfg_test_are_test_code() {
        let rust = Rust::read(
            "src/a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod t;\n",
        );
        let shipped: Vec<usize> = rust.shipped().map(|(n, _)| n).collect();
        assert_eq!(shipped, [1, 6]);
    }

    #[test]
    fn groups_are_spelled_out() {
        let rust = Rust::read("src/a.rs", "use crate::{order, payment::{self, x as y}};\ncrate::refund::ask::<T>();");
        let paths: Vec<String> =
            rust.paths().into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();
        assert_eq!(paths, ["1 crate::order", "1 crate::payment::self", "1 crate::payment::x", "2 crate::refund::ask"]);
    }
}
