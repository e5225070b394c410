use domain::sensitive::Raw;
fn main() {
    for p in [
        "]",
        "x]",
        "]  ",
        "",
        "  ",
        "4242424242424242 ",
        "4242424242424242",
        "[card]",
    ] {
        let t = format!(
            "{p}eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N{}",
            "a".repeat(5000)
        );
        let o = redact::redact(&redact::Settings::default(), Raw::new(&t));
        println!("{p:?} {} {}", t.len(), o.text().chars().take(60).collect::<String>());
    }
}
