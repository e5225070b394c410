use domain::sensitive::Raw;
use std::fmt::Write;
fn cpu() -> u64 {
    std::fs::read_to_string("/proc/self/schedstat")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}
fn rep(name: &str, bytes: usize, mut f: impl FnMut()) {
    f();
    let mut best = u64::MAX;
    for _ in 0..5 {
        let t = cpu();
        f();
        best = best.min(cpu() - t);
    }
    println!("{name}: {:.0} MB/s", bytes as f64 / 1e6 / (best as f64 / 1e9));
}
fn main() {
    let quiet: Vec<&str> = include_str!("../tests/corpus/quiet.txt")
        .lines()
        .filter_map(|l| l.strip_prefix("- "))
        .collect();
    let mut sparse = String::new();
    let mut prose = String::new();
    let mut dense = String::new();
    let mut colour = String::new();
    let mut none = String::new();
    let sens = [
        "pan 4242 4242 4242 4242 declined",
        "mail jane.doe@example.com",
        "key AKIAIOSFODNN7EXAMPLE",
        "merchant id: 4000123456789",
        "ssn 123-45-6789",
        "call +1 555-123-4567",
    ];
    let mut i = 0;
    while sparse.len() < 16_000_000 {
        let l = quiet[i % quiet.len()];
        if i % 100 == 99 {
            writeln!(sparse, "Jan 15 10:22:33 pos07 app[12]: {}", sens[i / 100 % sens.len()]).unwrap();
        } else {
            writeln!(sparse, "{l}").unwrap();
        }
        writeln!(none, "{l}").unwrap();
        writeln!(
            prose,
            "The quick brown service restarted without complaint and wrote its state to the disk"
        )
        .unwrap();
        writeln!(dense, "Jan 15 10:22:33 pos07 app[12]: {}", sens[i % sens.len()]).unwrap();
        writeln!(colour, "\x1b[32mINFO\x1b[0m {l}").unwrap();
        i += 1;
    }
    let s = redact::Settings::default();
    for (n, t) in [
        ("sparse", &sparse),
        ("none", &none),
        ("prose", &prose),
        ("dense", &dense),
        ("colour", &colour),
    ] {
        rep(n, t.len(), || {
            let mut r = redact::Redactor::new(&s);
            let mut x = 0;
            let mut b = t.as_str();
            while !b.is_empty() {
                let k = b.floor_char_boundary(65536);
                x += r.push(Raw::new(&b[..k])).text().len();
                b = &b[k..];
            }
            x += r.finish().text().len();
            std::hint::black_box(x);
        });
    }
    rep("memchr", sparse.len(), || {
        std::hint::black_box(memchr::memchr_iter(b'\n', sparse.as_bytes()).count());
    });
    for (n, p) in [
        ("w:1 ", "1 "),
        ("w:a@", "a@b.c"),
        ("w:+1", "+1 "),
        ("w:secret ", "secret "),
        ("w:phone", "phone 555 123 4567 "),
        ("w:esc", "\x1b[0m4\x1b[1m2"),
        ("w:4242", "4242 "),
        ("w:BEGIN", "-----BEGIN "),
        ("w:é", "é4"),
    ] {
        let t = p.repeat(1_000_000 / p.len());
        rep(n, t.len(), || {
            std::hint::black_box(redact::redact(&s, Raw::new(&t)).text().len());
        });
        let t = (p.repeat(200 / p.len()) + "\n").repeat(5000);
        rep(&format!("{n} lines"), t.len(), || {
            std::hint::black_box(redact::redact(&s, Raw::new(&t)).text().len());
        });
    }
}
