use super::testing::Scratch;
use super::*;

fn read(path: &str) -> Contents {
    Key::open(Hive::Machine, path, Access::Read)
        .unwrap()
        .contents()
        .unwrap()
}

fn wide_bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// R12: values of every type, and of types that there are not, come out as they went in, with the keys below.
#[test]
fn all_types_come_out_as_they_went_in() {
    let scratch = Scratch::below("SOFTWARE");
    let values: Vec<(&str, u32, Vec<u8>)> = vec![
        ("", 1, wide_bytes("the default\0")),
        ("bytes", 3, vec![0, 255, 7]),
        ("big", 5, vec![0, 0, 0, 7]),
        ("cut", 1, vec![b'a', 0, b'b']),
        ("dword", 4, vec![7, 0, 0, 0]),
        ("expand", 2, wide_bytes("%SystemRoot%\\x\0")),
        ("link", 6, wide_bytes(r"\Registry\Machine")),
        ("list", 7, wide_bytes("a\0b\0\0")),
        ("long", 3, vec![9; 300_000]),
        ("none", 0, vec![]),
        ("qword", 11, vec![7, 0, 0, 0, 0, 0, 0, 0]),
        ("resources", 8, vec![1, 2]),
        ("unknown", 4711, vec![1]),
        ("Ünïcode ☎", 1, wide_bytes("☎\0")),
    ];
    for (name, kind, data) in &values {
        scratch.value(name, *kind, data);
    }
    scratch.key("Printer");
    scratch.key("display");
    let contents = read(&scratch.path);
    let mut wanted: Vec<Value> = values
        .iter()
        .map(|(name, kind, data)| Value {
            name: (*name).into(),
            kind: Kind(*kind),
            data: data.clone(),
        })
        .collect();
    wanted.sort_by_key(|v| v.name.to_lowercase());
    assert_eq!(contents.values, wanted);
    assert_eq!(contents.subkeys, ["display", "Printer"]);
    // After 2020 and before 2100, in 100 nanoseconds since 1601.
    assert!((132_223_104_000_000_000..157_469_184_000_000_000).contains(&contents.last_written));
    let key = Key::open(Hive::Machine, &scratch.path, Access::Read).unwrap();
    for value in wanted {
        assert_eq!(key.value(&value.name).unwrap().as_ref(), Some(&value));
    }
    assert_eq!(key.value("missing").unwrap(), None);
}

/// R12: setting a value says what was there before.
#[test]
fn setting_a_value_gives_the_old_one_back() {
    let scratch = Scratch::below("SOFTWARE");
    let key = Key::open(Hive::Machine, &scratch.path, Access::Write).unwrap();
    let first = Data::Text("COM1".into()).bytes(Kind::TEXT);
    assert_eq!(key.set("Port", Kind::TEXT, &first).unwrap(), None);
    let old = key
        .set("Port", Kind::NUMBER32, &Data::Number32(9100).bytes(Kind::NUMBER32))
        .unwrap();
    assert_eq!(old.unwrap().meaning(), Data::Text("COM1".into()));
    assert_eq!(key.value("port").unwrap().unwrap().meaning(), Data::Number32(9100));
    assert!(key.set("a\0b", Kind::TEXT, &first).is_err());
}

/// R21: what a path leads to is known by its real name: links, letter case and the 32-bit view.
#[test]
fn a_key_knows_where_it_really_is() {
    let mut scratch = Scratch::below("SOFTWARE");
    let outside = Scratch::below("SOFTWARE");
    outside.key("Secret");
    scratch.link("Link", &format!(r"\REGISTRY\MACHINE\{}", outside.path));
    let real = |path: &str| {
        let key = Key::open(Hive::Machine, path, Access::Read).unwrap();
        key.real().unwrap().unwrap().to_lowercase()
    };
    let named = |path: &str| format!(r"hklm\{}", path.to_lowercase());
    assert_eq!(real(&scratch.path), named(&scratch.path));
    assert_eq!(real(&scratch.path.to_uppercase()), named(&scratch.path));
    assert_eq!(
        real(&format!(r"{}\Link\Secret", scratch.path)),
        named(&format!(r"{}\Secret", outside.path))
    );
    let narrow = Scratch::below(r"SOFTWARE\WOW6432Node");
    assert_eq!(real(&narrow.path), named(&narrow.path));
    assert!(
        Key::open(Hive::Machine, &narrow.path.replace(r"\WOW6432Node", ""), Access::Read).is_err(),
        "the 32-bit view is reached by its own name only"
    );
    assert_eq!(
        real(r"SYSTEM\CurrentControlSet\Services"),
        r"hklm\system\currentcontrolset\services"
    );
    let users = Key::open(Hive::Users, ".DEFAULT", Access::Read).unwrap();
    assert!(
        users.real().unwrap().unwrap().to_lowercase().starts_with(r"hku\"),
        "{users:?}"
    );
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    let missing = Key::open(Hive::Machine, r"SOFTWARE\CountersignTest\Missing", Access::Read).unwrap_err();
    assert!(missing.is_not_found() && !missing.is_denied(), "{missing}");
    assert!(Key::open(Hive::Machine, "SOFTWARE\0x", Access::Read).is_err());
}
