use domain::sensitive::Raw;
use std::fmt::Write;
fn main() {
    let which = std::env::args().nth(1).unwrap();
    let quiet: Vec<&str> = include_str!("../tests/corpus/quiet.txt")
        .lines()
        .filter_map(|l| l.strip_prefix("- "))
        .filter(|l| l.is_ascii())
        .collect();
    let sens = [
        "pan 4242 4242 4242 4242 declined",
        "mail jane.doe@example.com",
        "key AKIAIOSFODNN7EXAMPLE",
        "merchant id: 4000123456789",
        "ssn 123-45-6789",
        "call +1 555-123-4567",
    ];
    let mut t = String::new();
    let mut i = 0;
    while t.len() < 8_000_000 {
        i += 1;
        match which.as_str() { "none" => writeln!(t, "{}", quiet[i % quiet.len()]), "log" => writeln!(t, "2024-01-15T10:22:33.{:06}Z INFO server::http request finished method=GET path=/api/v1/items/{} status=200 took={}ms", i % 1000000, i, i % 97), _ => writeln!(t, "Jan 15 10:22:33 pos07 app[12]: {}", sens[i % sens.len()]) }.unwrap();
    }
    let s = redact::Settings::default();
    let t0 = std::time::Instant::now();
    for _ in 0..20 {
        std::hint::black_box(redact::redact(&s, Raw::new(&t)).text().len());
    }
    println!(
        "{which} {:.0} MB/s",
        t.len() as f64 * 20.0 / 1e6 / t0.elapsed().as_secs_f64()
    );
}
