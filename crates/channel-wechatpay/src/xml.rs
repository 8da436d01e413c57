//! The older interface's XML: one level of texts in one element, nothing else.

use std::collections::BTreeMap;

use quick_xml::{
    Reader,
    escape::{escape, resolve_predefined_entity},
    events::{BytesRef, Event},
};

/// Names and texts.
pub(crate) type Fields = BTreeMap<String, String>;

/// An answer has a few dozen fields.
const MAX_FIELDS: usize = 200;

/// `<xml><name>text</name>…</xml>`.
pub(crate) fn write(fields: &Fields) -> String {
    let element = |(name, value): (&String, &String)| format!("<{name}>{}</{name}>", escape(value.as_str()));
    format!("<xml>{}</xml>", fields.iter().map(element).collect::<String>())
}

/// The texts of one element's children. A document type, an unknown entity, a deeper element or a name that comes twice
/// is refused: none of them has business here, and each is a known way to make two readers see two things.
pub(crate) fn read(body: &[u8]) -> Result<Fields, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8")?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut fields = Fields::new();
    let mut open: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut ended = false;
    loop {
        let event = reader.read_event().map_err(|why| format!("the answer is not XML: {why}"))?;
        match event {
            Event::Start(start) if open.len() < 2 && !ended => {
                open.push(name(start.name().into_inner())?);
                value.clear();
            }
            Event::Empty(empty) if open.len() == 1 => put(&mut fields, name(empty.name().into_inner())?, "")?,
            Event::End(_) => {
                if let (Some(name), 1) = (open.pop(), open.len()) {
                    put(&mut fields, name, &value)?;
                }
                ended = open.is_empty();
            }
            Event::Text(text) if open.len() == 2 || text.trim().is_empty() => value.push_str(&text.xml10_content()),
            Event::CData(text) if open.len() == 2 => value.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) if open.len() == 2 => value.push_str(&character(&entity)?),
            Event::Decl(_) if open.is_empty() => {}
            Event::Eof if ended => return Ok(fields),
            _ => return Err("the answer is not one level of texts".to_owned()),
        }
    }
}

fn name(name: &str) -> Result<String, String> {
    let good = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if good { Ok(name.to_owned()) } else { Err("the answer has a field without a plain name".to_owned()) }
}

fn put(fields: &mut Fields, name: String, value: &str) -> Result<(), String> {
    if fields.len() >= MAX_FIELDS || fields.insert(name, value.to_owned()).is_some() {
        return Err("the answer has a field twice, or too many".to_owned());
    }
    Ok(())
}

fn character(entity: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = entity.resolve_char_ref().map_err(|why| why.to_string())? {
        return Ok(c.to_string());
    }
    resolve_predefined_entity(entity).map(str::to_owned).ok_or_else(|| "the answer has an entity of its own".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let fields = Fields::from([
            ("attach".to_owned(), String::new()),
            ("body".to_owned(), "学费 <&> \"'".to_owned()),
            ("total_fee".to_owned(), "1".to_owned()),
        ]);
        assert_eq!(read(write(&fields).as_bytes()), Ok(fields));
    }

    #[test]
    fn texts_may_be_cdata_or_escaped() {
        let text = "<?xml version=\"1.0\"?>\n<xml>\n <a><![CDATA[x&y]]></a>\n<b>x&amp;&#121;</b><c/><d></d>\n</xml>\n";
        let fields =
            Fields::from([("a", "x&y"), ("b", "x&y"), ("c", ""), ("d", "")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(read(text.as_bytes()), Ok(fields));
    }

    #[test]
    fn what_is_not_one_level_of_texts_is_refused() {
        for text in [
            "",
            "<xml>",
            "not xml",
            "<xml><a>1</b></xml>",
            "<xml><a>1</a><a>2</a></xml>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a>&mine;</a></xml>",
            "<xml><a>1</a></xml><xml><b>1</b></xml>",
            "<!DOCTYPE xml [<!ENTITY mine SYSTEM \"file:///etc/passwd\">]><xml><a>&mine;</a></xml>",
            "<xml><a-b>1</a-b></xml>",
            "<xml>1<a>1</a></xml>",
            "<xml><a>1</a></xml>2",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(&[b'<', 0xff, b'>']).is_err());
    }
}
