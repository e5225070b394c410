use domain::sensitive::Raw;
fn main() {
    let mut shown = 0;
    for k in [2usize, 5, 20, 60] { for n in 0..5000 {
        let t = format!("{}{}{}", "a".repeat(n), "+1 555-123-4567".repeat(k), "a".repeat(5000));
        let s = redact::Settings::default();
        let o = redact::redact(&s, Raw::new(&t));
        let p = redact::redact(&s, Raw::new(o.text()));
        if p.text() != o.text() { shown += 1; if shown < 8 || shown % 500 == 0 { println!("{k} {n}\n {}\n {}", o.text().replace('a', ""), p.text().replace('a', "")); } }
    } }
    println!("{shown}");
}
