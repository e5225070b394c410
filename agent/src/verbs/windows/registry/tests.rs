use super::*;
use domain::action::{Command, RefusalReason};
use win::registry::testing::Scratch;

fn ask(verb: &Verb, key: &str, scope: &str) -> Result<Prepared, Refusal> {
    let scope: Scope = scope.parse().unwrap();
    scope.covers(&Command::Verb(verb.clone())).unwrap();
    prepare(verb, key, &scope)
}

fn named(scratch: &Scratch, below: &str) -> String {
    format!(r"HKLM\{}{below}", scratch.path)
        .parse::<RegistryKey>()
        .unwrap()
        .to_string()
}

fn read(key: &str, scope: &str) -> Result<Prepared, Refusal> {
    ask(&Verb::RegistryRead { key: key.into() }, key, scope)
}

fn scope_of(verb: &str, scratch: &Scratch) -> String {
    format!("{verb}(\"{}\\**\")", named(scratch, ""))
}

fn said(task: impl FnOnce(&Speaker) -> Result<(), String>) -> (Result<(), String>, String) {
    let (tell, mut hear) = tokio::sync::mpsc::channel(16);
    let (_stopper, stop) = crate::stop::Stopper::new();
    let result = task(&Speaker { tell, stop });
    let mut text = String::new();
    while let Ok(more) = hear.try_recv() {
        text.push_str(&more);
    }
    (result, text)
}

/// R12: a key is read with its values and keys, by its real name.
#[test]
fn a_key_in_the_scope_is_read() {
    let scratch = Scratch::below("SOFTWARE");
    scratch.value("Port", 4, &[9, 0, 0, 0]);
    scratch.key("Printer");
    let prepared = read(&named(&scratch, ""), &scope_of("registry.read", &scratch)).unwrap();
    assert_eq!(prepared.resource.to_lowercase(), named(&scratch, "").to_lowercase());
    let Work::Task(Task::Key(reading)) = prepared.work else {
        panic!("{prepared:?}");
    };
    let (result, text) = said(|s| reading.run(s));
    result.unwrap();
    assert!(
        text.contains("Port  REG_DWORD  0x00000009 (9)\n") && text.ends_with("Keys: 1\nPrinter\n"),
        "{text}"
    );
}

/// R10, R21: a symbolic link out of the scope is refused, whether what it leads to is there or not; one within is followed.
#[test]
fn a_link_out_of_the_scope_is_refused() {
    let (mut scratch, outside) = (Scratch::below("SOFTWARE"), Scratch::below("SOFTWARE"));
    scratch.key("Inside");
    outside.key("Secret");
    scratch.link("Out", &format!(r"\REGISTRY\MACHINE\{}", outside.path));
    scratch.link("Fine", &format!(r"\REGISTRY\MACHINE\{}\Inside", scratch.path));
    let scope = scope_of("registry.read", &scratch);
    for below in [r"\Out", r"\Out\Secret", r"\Out\Missing"] {
        let refused = read(&named(&scratch, below), &scope).unwrap_err();
        assert_eq!(refused.reason, RefusalReason::OutOfScope, "{below}");
    }
    let fine = read(&named(&scratch, r"\Fine"), &scope).unwrap();
    assert_eq!(fine.resource.to_lowercase(), named(&scratch, r"\Inside").to_lowercase());
}

/// R21: the part for 32-bit programs is read by its own name, and by no other.
#[test]
fn the_32_bit_view_has_its_own_name() {
    let narrow = Scratch::below(r"SOFTWARE\WOW6432Node");
    let scope = scope_of("registry.read", &narrow);
    assert!(matches!(
        read(&named(&narrow, ""), &scope).unwrap().work,
        Work::Task(Task::Key(_))
    ));
    let wide = named(&narrow, "").replace(r"\wow6432node", "");
    let prepared = read(&wide, &format!("registry.read(\"{wide}\")")).unwrap();
    assert!(
        matches!(&prepared.work, Work::Failing(why) if why.starts_with("There is no key")),
        "{prepared:?}"
    );
}

/// R12: a value is set, and the report shows both what was there and what is.
#[test]
fn a_value_is_set_and_both_sides_are_told() {
    let scratch = Scratch::below("SOFTWARE");
    scratch.value("Port", 1, b"C\0\0\0");
    let key = named(&scratch, "");
    let set = |data: RegistryData| {
        let verb = Verb::RegistryWrite {
            key: key.clone(),
            value: "Port".into(),
            data,
        };
        let prepared = ask(&verb, &key, &scope_of("registry.write", &scratch)).unwrap();
        let Work::Task(Task::Value(setting)) = prepared.work else {
            panic!("{prepared:?}");
        };
        let (result, text) = said(|s| setting.run(s));
        result.unwrap();
        text.lines()
            .filter(|l| l.starts_with("Port"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (data, after) in [
        (RegistryData::Dword(9100), "Port  REG_DWORD  0x0000238c (9100)"),
        (RegistryData::Sz("COM1".into()), "Port  REG_SZ  COM1"),
        (RegistryData::ExpandSz("%X%".into()), "Port  REG_EXPAND_SZ  %X%"),
        (RegistryData::Qword(1), "Port  REG_QWORD  0x0000000000000001 (1)"),
        (RegistryData::Binary("00ff".into()), "Port  REG_BINARY  00 ff"),
        (RegistryData::MultiSz(vec!["a".into()]), "Port  REG_MULTI_SZ  a"),
    ] {
        assert_eq!(set(data).last().map(String::as_str), Some(after));
    }
    assert_eq!(set(RegistryData::Dword(1))[0], "Port  REG_MULTI_SZ  a");
}
