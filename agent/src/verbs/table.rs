//! Plain text tables: columns aligned, nothing cut off, the last column as long as it is.

/// Lays `rows` out below `head`; columns named in `right` are aligned to the right.
pub(super) fn table(head: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let mut widths: Vec<usize> = head.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Nothing follows the last column, so that one long cell does not make every line long.
            let pad = if at + 1 == row.len() && !right.contains(&at) {
                String::new()
            } else {
                " ".repeat(width - cell.chars().count())
            };
            let (before, after) = if right.contains(&at) {
                (pad.as_str(), "")
            } else {
                ("", pad.as_str())
            };
            line.push_str(&format!("{}{before}{cell}{after}", if at == 0 { "" } else { "  " }));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Bytes for people: `512 B`, `3.4 KiB`, `12.0 GiB`.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_is_cut() {
        let rows = vec![
            vec!["1".into(), "init".into()],
            vec!["4711".into(), "a very long name".into()],
        ];
        assert_eq!(
            table(&["PID", "NAME"], &rows, &[0]),
            " PID  NAME\n   1  init\n4711  a very long name\n"
        );
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(
            [0, 1023, 1024, 1536, 5 << 30].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "5.0 GiB"]
        );
    }
}
