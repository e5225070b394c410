//! The history's filter as the query of its address, both ways (R40: a search can be kept, sent and opened again).
//!
//! Pure. Names are those of [`Filter`]'s fields. What is empty is left out, and what is unknown is passed over, so that an
//! old or mistyped address still opens.

use domain::api::Filter;

/// The filter in `query`: what stands after `?`, with or without it.
pub fn filter_of(query: &str) -> Filter {
    let mut f = Filter::default();
    for pair in query.trim_start_matches('?').split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        match name {
            "from" => f.from = value,
            "until" => f.until = value,
            "endpoint" => f.endpoint = value,
            "client" => f.client = value,
            "technician" => f.technician = value,
            "status" => f.status = value,
            "basis" => f.basis = value,
            "text" => f.text = value,
            "page" => f.page = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    f
}

/// The query of `f`, without `?`; empty when it filters nothing.
pub fn query_of(f: &Filter) -> String {
    let page = if f.page == 0 { String::new() } else { f.page.to_string() };
    let mut pairs = fields(f).to_vec();
    pairs.push(("page", &page));
    pairs
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(n, v)| format!("{n}={}", encoded(v)))
        .collect::<Vec<_>>()
        .join("&")
}

/// The same filter without `name`, from its first page: what removing a chip leads to.
pub fn without(f: &Filter, name: &str) -> String {
    let kept: Vec<String> = fields(f)
        .into_iter()
        .filter(|(n, v)| *n != name && !v.is_empty())
        .map(|(n, v)| format!("{n}={}", encoded(v)))
        .collect();
    kept.join("&")
}

/// Name and value of every field that filters, in the order of the form.
pub fn fields(f: &Filter) -> [(&'static str, &str); 8] {
    [
        ("text", &f.text),
        ("from", &f.from),
        ("until", &f.until),
        ("endpoint", &f.endpoint),
        ("client", &f.client),
        ("technician", &f.technician),
        ("status", &f.status),
        ("basis", &f.basis),
    ]
}

/// Undoes form encoding: `+` is a blank, `%XX` a byte; what is neither stays.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%')
            .then(|| {
                value
                    .get(at + 1..at + 3)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            })
            .flatten();
        match (bytes[at], escape) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R40: literal text, with `*`, quotes, backslash and non-ASCII.
    #[test]
    fn a_filter_reads_back_from_its_query() {
        let f = Filter {
            text: "50% + a&b=\"c\" \\d* é 界".into(),
            from: "2026-03-01T02:47".into(),
            endpoint: "POS-REGISTER-07".into(),
            status: "timed_out".into(),
            page: 3,
            ..Filter::default()
        };
        let query = query_of(&f);
        assert_eq!(filter_of(&query), f);
        assert_eq!(filter_of(&format!("?{query}&unknown=1")), f);
        assert_eq!(query_of(&Filter::default()), "");
        assert_eq!(
            without(&f, "text"),
            "from=2026-03-01T02%3A47&endpoint=POS-REGISTER-07&status=timed_out"
        );
    }

    #[test]
    fn what_a_browser_sends_reads_as_meant() {
        assert_eq!(filter_of("text=a+b%2Bc&from=2026-03-01T02%3A47&until=").text, "a b+c");
        let broken = filter_of("text=100%&page=x&%zz=1&=&status=%C3%28");
        assert_eq!(
            (broken.text.as_str(), broken.page, broken.status.as_str()),
            ("100%", 0, "\u{fffd}(")
        );
        assert_eq!(filter_of("text=%é%").text, "%é%");
    }
}
