use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use windows_sys::Win32::Foundation::ERROR_MORE_DATA;

use super::*;

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn drive(held: &Held) -> String {
    match held.place().unwrap() {
        Place::Drive(path) => path,
        other @ (Place::Share(_) | Place::NoLetter) => panic!("{other:?}"),
    }
}

/// R12, R21: a file is held, says where it is, and is read; names beyond 260 characters are no special case.
#[test]
fn a_file_is_held_and_read_however_long_its_name_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut deep = dir.path().to_owned();
    for _ in 0..6 {
        deep.push("folder-with-a-long-name-".repeat(3));
    }
    fs::create_dir_all(verbatim(&text(&deep)).unwrap()).unwrap();
    let file = deep.join("File.txt");
    fs::write(verbatim(&text(&file)).unwrap(), "content").unwrap();
    assert!(text(&file).len() > 400);
    let held = Held::hold(&text(&file)).unwrap();
    assert_eq!(held.kind().unwrap(), Kind::File(7));
    match held.place() {
        Ok(place) => assert!(
            matches!(&place, Place::Drive(p) if p.to_lowercase().ends_with(r"\file.txt")),
            "{place:?}"
        ),
        // Wine 8 holds and reads it, but has room for 260 characters when it is asked where it is.
        Err(error) => assert_eq!(error.code, ERROR_MORE_DATA),
    }
    let mut content = String::new();
    held.read().unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "content");
    let folder = Held::hold(&text(&deep)).unwrap();
    assert_eq!(folder.kind().unwrap(), Kind::Folder);
    drop((held, folder));
    // The folder's own clean-up has the limit.
    fs::remove_dir_all(verbatim(&text(dir.path())).unwrap()).unwrap();
}

/// R21: what is read is what was held, even when the name leads elsewhere by then.
#[test]
fn what_is_read_is_what_was_held() {
    let dir = tempfile::tempdir().unwrap();
    let (name, other) = (dir.path().join("a"), dir.path().join("b"));
    fs::write(&name, "first").unwrap();
    let held = Held::hold(&text(&name)).unwrap();
    fs::rename(&name, &other).unwrap();
    fs::write(&name, "second").unwrap();
    match held.read() {
        Ok(mut file) => {
            let mut content = String::new();
            file.read_to_string(&mut content).unwrap();
            assert_eq!(content, "first");
        }
        // Wine 8 opens by name once more, and is caught at it.
        Err(error) => assert_eq!(error.code, ERROR_FILE_INVALID),
    }
}

/// R12: a file that others write to is read; one that they share with nobody is said to be in use.
#[test]
fn a_file_in_use_is_told_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let (shared, alone) = (dir.path().join("shared"), dir.path().join("alone"));
    let mut writer = File::create(&shared).unwrap();
    writer.write_all(b"so far").unwrap();
    let mut content = String::new();
    Held::hold(&text(&shared))
        .unwrap()
        .read()
        .unwrap()
        .read_to_string(&mut content)
        .unwrap();
    assert_eq!(content, "so far");
    let _owner = File::options()
        .write(true)
        .create_new(true)
        .share_mode(0)
        .open(&alone)
        .unwrap();
    let held = Held::hold(&text(&alone)).unwrap();
    assert_eq!(held.kind().unwrap(), Kind::File(0));
    let error = held.read().unwrap_err();
    assert!(is_in_use(&error), "{error}");
}

#[test]
fn only_whole_paths_on_a_drive_are_taken() {
    for path in [
        r"\\server\share\x",
        r"\\?\C:\x",
        "C:x",
        r"C:\x:stream",
        r"C:\a/b",
        "relative",
        "",
        "é:\\x",
        "C:\\a\0b",
    ] {
        assert_eq!(verbatim(path).unwrap_err().code, ERROR_INVALID_NAME, "{path}");
    }
    assert_eq!(
        [r"\\?\C:\Folder\x", r"\\?\UNC\server\share\x", r"\\?\Volume{1}\x"].map(place_of),
        [
            Place::Drive(r"C:\Folder\x".into()),
            Place::Share(r"\\server\share\x".into()),
            Place::NoLetter
        ]
    );
    assert!(Held::hold(r"C:\no\such\file").unwrap_err().is_not_found());
}

/// R21: a link says where it leads.
#[test]
fn a_link_is_followed_and_told() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join(r"out\secret"), "x").unwrap();
    std::os::windows::fs::symlink_file(dir.path().join(r"out\secret"), dir.path().join("link")).unwrap();
    match Held::hold(&text(&dir.path().join("link"))) {
        Ok(held) => assert!(
            drive(&held).to_lowercase().ends_with(r"\out\secret"),
            "{}",
            drive(&held)
        ),
        // Wine 8 says that it made the link, and did not.
        Err(error) => assert!(error.is_not_found(), "{error}"),
    }
}
