//! Cutting an answer open without parsing what is signed: the signature is over the characters as they came.

/// The members of the outermost JSON object: each name with the characters of its value, untouched \[S node\]. Nothing
/// where the text is no object; whether the values are JSON is for whoever reads them.
pub(crate) fn members(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    let mut members = Vec::new();
    if let Some(after) = rest.strip_prefix('}') {
        return after.trim().is_empty().then_some(members);
    }
    loop {
        let (name, after) = split(rest, string_end(rest)?)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = split(value, value_end(value)?)?;
        members.push((name.get(1..name.len() - 1)?, value.trim_end()));
        let after = after.trim_start();
        if let Some(next) = after.strip_prefix(',') {
            rest = next.trim_start();
        } else {
            return after.strip_prefix('}')?.trim().is_empty().then_some(members);
        }
    }
}

/// The characters of the only member of that name; nothing where there is none, or more than one.
pub(crate) fn only<'a>(members: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    let mut found = members.iter().filter(|(member, _)| *member == name).map(|(_, value)| *value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn split(text: &str, at: usize) -> Option<(&str, &str)> {
    text.split_at_checked(at)
}

/// Where the string literal at the beginning ends.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut bytes = text.bytes().enumerate();
    if bytes.next()? != (0, b'"') {
        return None;
    }
    for (at, byte) in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Where the value at the beginning ends: an object or array with all that is in it, a string, or whatever runs up to
/// the next comma or brace.
fn value_end(text: &str) -> Option<usize> {
    match text.bytes().next()? {
        b'"' => string_end(text),
        b'{' | b'[' => nested_end(text),
        _ => text.find([',', '}', ']']).filter(|at| *at > 0),
    }
}

fn nested_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += string_end(text.get(at..)?)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_the_characters_that_came_protocols_2_1() {
        let text = "\n{ \"a_response\" : {\"x\":\"}\\\",{\", \"y\" :[1, {}]} ,\"n\":12 ,\r\n\"sign\"  :  \"ab=\" } ";
        let members = members(text).unwrap();
        assert_eq!(members, [("a_response", "{\"x\":\"}\\\",{\", \"y\" :[1, {}]}"), ("n", "12"), ("sign", "\"ab=\"")]);
        assert_eq!(only(&members, "n"), Some("12"));
        assert_eq!(only(&[("n", "1"), ("n", "2")], "n"), None);
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        for text in [
            "",
            "[]",
            "<html>",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":}",
            "{\"a\":{}",
            "{\"a\":1,}",
            "{}x",
            "{\"a\":\"\\",
            "{a:1}",
        ] {
            assert_eq!(members(text), None, "{text}");
        }
        assert_eq!(members("{}"), Some(vec![]));
    }
}
