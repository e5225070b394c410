//! Passwords in the arguments of particular programs.

use std::ops::Range;

use domain::finding::FindingKind;

use super::password::{is_no_value, password, unlike_a_word, value};
use super::text::{Context, before, behind, byte, run, run_back, starts, word_before};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &[
            "curl",
            "smbclient",
            "rpcclient",
            "lftp",
            "sqlplus",
            "jdbc:oracle",
            "chpasswd",
        ],
        examples: &[
            "curl -u bob:«hunter2» https://x",
            "smbclient //srv/c -U bob%«Winter24»",
            "curl --user bob:«hunter2» https://x",
            "curl --proxy-user=bob:«hunter2» https://x",
            "rpcclient -U 'till%«Winter24»' srv-dc1",
            "lftp -u till,«Winter24» ftp.x",
            "sqlplus -S till/«Winter24»@SHOP",
            "sqlplus till/«Winter24»",
            "jdbc:oracle:thin:till/«Winter24»@//db1:1521/SHOP",
            "echo 'till:«Winter24»' | sudo chpasswd",
        ],
        counter_examples: &[
            "curl -u bob https://x",
            "curl -sS https://x:8443/",
            "curl -u bob:$PW -u bob:<password> https://x",
            "sqlplus / as sysdba",
            "sqlplus /nolog @x/install.sql",
            "jdbc:oracle:thin:@//db1:1521/SHOP",
            "lftp -u till ftp.x",
            "cat users | chpasswd",
        ],
        ..Rule::certain(
            "password.user",
            FindingKind::Password,
            "after the user's name in an option",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &[
            "mysql",
            "psexec",
            "docker login",
            "az login",
            "plink",
            "xfreerdp",
            "mongosh",
            "winrs",
            "certutil",
            "signtool",
            "sqlcmd",
            "bcp",
            "ipmitool",
            "mosquitto",
            "zip",
            "7z",
            "rar",
            "redis-cli",
            "ldapsearch",
            "snmpget",
            "nmcli",
            "rabbitmqctl",
            "htpasswd",
            "wpa_passphrase",
        ],
        examples: &[
            "mysql -u root -p«S3cret» shop",
            "psexec \\\\pos07 -u admin -p «Winter24» cmd",
            "docker login -u bob -p «hunter2» registry",
            "plink -ssh host -pw «hunter2»",
            "xfreerdp /u:bob /p:«Winter24!» /v:pos07",
            "schtasks /create /ru bob /rp «Winter24»",
            "mongosh db1 -u till -p «Winter24» --authenticationDatabase admin",
            "winrs -r:pos07 -u:till -p:«Winter24» hostname",
            "certutil -f -p «Winter24» -importpfx till.pfx",
            "signtool sign /f till.pfx /p «Winter24» /fd sha256 till.exe",
            "sqlcmd -S sql01 -U sa -P «Winter24» -Q \"select 1\"",
            "bcp pos.dbo.sales out s.csv -S sql01 -U sa -P«Winter24» -c",
            "ipmitool -I lanplus -H bmc1 -U ADMIN -P «Winter24» power status",
            "mosquitto_pub -h mq1 -u till -P «Winter24» -t sale -m 1",
            "zip -P «Winter24» x.zip x.log",
            "7z a -p«Winter24» x.7z logs",
            "rar a -hp«Winter24» x.rar logs",
            "redis-cli -h redis1 -a «Winter24» ping",
            "ldapsearch -x -D cn=till,dc=corp -w «Winter24» -b dc=corp",
            "snmpget -v3 -u till -l authPriv -a SHA -A «Winter24» bmc1 sysName.0",
            "nmcli dev wifi connect TillNet password «Winter24»",
            "nmcli con modify TillNet wifi-sec.psk «Winter24»",
            "rabbitmqctl add_user till «Winter24»",
            "rabbitmqctl -n rabbit change_password till «Winter24»",
            "htpasswd -bc .htpasswd till «Winter24»",
            "htpasswd -nb till «Winter24»",
            "wpa_passphrase 'Till Net' «Winter24»",
            "echo «Winter24» | passwd --stdin till",
            "echo «Winter24» | sudo -S systemctl restart till",
            "enable secret 0 «Winter24»",
            "username till secret 5 «Winter24»",
        ],
        counter_examples: &[
            "mysql -u root -p shop",
            "mkdir -p /var/lib",
            "http://x/p:1",
            "7z x logs.7z -p -o/srv",
            "docker run -p 8080:8080 mongo",
            "ls *.zip | xargs -P 8888 gzip",
            "unzip x.zip -d /srv",
            "signtool verify /pa /p7 x.exe",
            "mongosh -p --host db1",
            "redis-cli -a $PW ping",
            "ldapsearch -x -W -b dc=corp",
            "sqlcmd -S sql01 -E -P",
            "nmcli dev wifi list",
            "rabbitmqctl list_users",
            "htpasswd .htpasswd till more",
            "htpasswd: cannot open file",
            "echo started | sudo -s",
            "echo done | passwd",
            "enable secret scanning in the repository",
        ],
        ..Rule::certain(
            "password.program",
            FindingKind::Password,
            "in the option where the program takes one",
        )
    },
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context: &["net user", "net use"],
        examples: &[
            "net user bob «Winter24!» /add",
            "net use Z: \\\\srv\\x «Winter24!» /user:bob",
            "net use \\\\srv\\ipc$ /user:CORP\\bob «Winter24!»",
            "net user bob \"«Winter 24!»\" /add",
        ],
        counter_examples: &[
            "net user bob /active:no",
            "net user",
            "net use Z: \\\\srv\\x /user:bob",
            "net use \\\\srv\\x /user:bob * /persistent:no",
            "net user bob * /add",
        ],
        ..Rule::certain(
            "password.net",
            FindingKind::Password,
            "third word of net user, word beside /user of net use",
        )
    },
    Rule {
        examples: &[
            "ConvertTo-SecureString \"«P@ssw0rd»\" -AsPlainText -Force",
            "ConvertTo-SecureString -String '«Winter24»' -AsPlainText",
        ],
        counter_examples: &["ConvertTo-SecureString $text -AsPlainText", "Read-Host -AsSecureString"],
        ..Rule::certain(
            "password.securestring",
            FindingKind::Password,
            "plain text made a SecureString",
        )
    },
    Rule {
        version: 2,
        examples: &[
            "CREATE USER bob IDENTIFIED BY '«hunter2»';",
            "EXEC sp_addlogin 'till', '«hunter2»';",
        ],
        counter_examples: &["identified by the scanner", "sp_addlogin 'till', @pw"],
        ..Rule::certain(
            "password.sql",
            FindingKind::Password,
            "quoted, after IDENTIFIED BY or the name in sp_addlogin",
        )
    },
];

/// How far after a command its options are looked for, in bytes.
const REACH: usize = 96;

/// How a program takes a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// In the word behind one of these options, or after a `:` or `=`.
    Apart(&'static [&'static str]),
    /// Joined to one of these options. What stands apart from it is something else, and the program asks.
    Joined(&'static [&'static str]),
    /// Either way.
    Either(&'static [&'static str]),
    /// Behind one of these options, after the user's name and one of these characters.
    User(&'static [&'static str], &'static [u8]),
    /// In the word behind one of these.
    Word(&'static [&'static str]),
    /// In the word but one behind one of these, the first being the user's name.
    Second(&'static [&'static str]),
    /// After the user's name and a slash, in the first word that is no option.
    Slashed,
    /// The same right behind.
    Url,
}

/// The passwords that a program takes whose name is at `start..end`.
pub(crate) fn program(bytes: &[u8], (start, end): (usize, usize), takes: Takes, found: &mut Vec<Match>) {
    if before(bytes, start).is_ascii_alphanumeric() || before(bytes, start) == b'.' {
        return;
    }
    let mut add = |rule, value: Option<Range<usize>>| {
        let value = value.filter(|v| v.len() >= 3 && byte(bytes, v.start) != b'-' && !is_no_value(bytes, v));
        found.extend(value.map(|v| password(rule, v, start)));
    };
    let mut named = |names: &[&str], apart: bool, joined: bool| {
        options(bytes, end, names, |at| {
            let signed = matches!(byte(bytes, at), b' ' | b'\t' | b':' | b'=');
            let fits = if signed { apart } else { joined };
            let value = fits.then(|| value(bytes, at + usize::from(signed))).flatten();
            add("password.program", value.filter(|v| byte(bytes, v.start) != b'/'));
        });
    };
    match takes {
        Takes::Apart(names) => named(names, true, false),
        Takes::Joined(names) => named(names, false, true),
        Takes::Either(names) => named(names, true, true),
        Takes::User(names, separators) => options(bytes, end, names, |at| {
            let value = value(bytes, at + usize::from(matches!(byte(bytes, at), b' ' | b'=')));
            let secret = value.and_then(|v| {
                let user = bytes[v.clone()].iter().position(|b| separators.contains(b))?;
                (user > 0).then(|| v.start + user + 1..v.end)
            });
            add("password.user", secret);
        }),
        Takes::Word(names) => add("password.program", word_behind(bytes, end, names, 1)),
        Takes::Second(names) => add("password.program", word_behind(bytes, end, names, 2)),
        Takes::Slashed => {
            let words = words(bytes, end, 4);
            let word = words.into_iter().find(|w| bytes[w.start] != b'-');
            add(
                "password.user",
                word.and_then(|w| slashed(bytes, w))
                    .filter(|_| byte(bytes, end) == b' '),
            );
        }
        Takes::Url => {
            let len = run(bytes, end, 128, |b| {
                b.is_ascii_graphic() && !matches!(b, b'[' | b']' | b'"' | b'\'')
            });
            add("password.user", slashed(bytes, end..end + len));
        }
    }
}

/// Calls `hit` with the end of each of the options `names` that stands shortly after `from`.
fn options(bytes: &[u8], from: usize, names: &[&str], mut hit: impl FnMut(usize)) {
    let reach = run(bytes, from, REACH, |b| !matches!(b, b'\n' | b'|'));
    for at in from..from + reach {
        if matches!(before(bytes, at), b' ' | b'\t')
            && let Some(name) = names.iter().find(|n| bytes[at..].starts_with(n.as_bytes()))
        {
            hit(at + name.len());
        }
    }
}

/// The word that is `nth` after the first of `names` in the command that goes on at `from`.
fn word_behind(bytes: &[u8], from: usize, names: &[&str], nth: usize) -> Option<Range<usize>> {
    let words = words(bytes, from, 10);
    let name = |w: &Range<usize>| names.iter().any(|n| bytes[w.clone()].ends_with(n.as_bytes()));
    let at = words.iter().position(name)?;
    words.get(at + nth).filter(|w| is_plain_word(bytes, w)).cloned()
}

/// The password in `user/password@…` at `range`.
fn slashed(bytes: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let text = &bytes[range.clone()];
    let slash = text.iter().position(|b| *b == b'/')?;
    let user = slash > 0
        && text[..slash]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#' | b'$'));
    let end = text.iter().rposition(|b| *b == b'@').filter(|at| *at > slash);
    let end = end.map_or(range.end, |at| range.start + at);
    (user && !text.contains(&b'[')).then(|| range.start + slash + 1..end)
}

/// The words of a command from `at` on, at most `most`, without the quotes around them.
fn words(bytes: &[u8], at: usize, most: usize) -> Vec<Range<usize>> {
    const LINE: usize = 200;
    let line = at + run(bytes, at, LINE, |b| !matches!(b, b'\n' | b'\r' | b'|' | b'&'));
    let mut words = Vec::new();
    let mut at = at;
    while at < line && words.len() < most {
        let quote = byte(bytes, at);
        let inside = |b: u8| b != quote;
        let quoted = matches!(quote, b'"' | b'\'').then(|| run(&bytes[..line], at + 1, LINE, inside));
        match quoted.filter(|len| at + 1 + len < line) {
            Some(len) => {
                words.push(at + 1..at + 1 + len);
                at += len + 2;
            }
            None => {
                let len = run(&bytes[..line], at, LINE, |b| !matches!(b, b' ' | b'\t'));
                let tail = run_back(&bytes[..line], at + len, len, |b| b"\"'`;,".contains(&b));
                if len > tail {
                    words.push(at..at + len - tail);
                }
                at += len.max(1);
            }
        }
    }
    words
}

/// Whether a word can be a password by its place: no option, no placeholder, nothing that stands for one.
fn is_plain_word(bytes: &[u8], word: &Range<usize>) -> bool {
    let text = &bytes[word.clone()];
    word.len() >= 3
        && !matches!(text[0], b'/' | b'-')
        && !text.iter().any(|b| matches!(b, b'[' | b']'))
        && !is_no_value(bytes, word)
}

/// `htpasswd -b FILE USER PASSWORD`, `wpa_passphrase NETWORK PASSWORD`: the word for a password is at `start..end`.
/// So are those of the programs that read them from a pipe.
pub(crate) fn by_place(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if let Some(found) = piped(bytes, start) {
        return Some(found);
    }
    if byte(bytes, end) != b' ' {
        return None;
    }
    let value = if behind(bytes, start, "ht") {
        let words = words(bytes, end, 8);
        let (options, rest): (Vec<_>, Vec<_>) = words.into_iter().partition(|w| bytes[w.start] == b'-');
        let has = |letter: u8| options.iter().any(|w| bytes[w.clone()].contains(&letter));
        let nth = if has(b'n') { 1 } else { 2 };
        rest.get(nth).filter(|_| has(b'b')).cloned()
    } else if behind(bytes, start, "wpa_") {
        words(bytes, end, 2).get(1).cloned()
    } else if starts(&bytes[end..], " --stdin") {
        echoed(bytes, start)
    } else {
        None
    };
    value
        .filter(|w| is_plain_word(bytes, w))
        .map(|w| password("password.program", w, start))
}

/// What `echo` writes into the pipe that ends at `at`.
fn echoed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 64;
    let blanks = |at: usize| at - run_back(bytes, at, 4, |b| b == b' ');
    let sudo = behind(bytes, at, "sudo ");
    let pipe = blanks(if sudo { at - 5 } else { at });
    if before(bytes, pipe) != b'|' {
        return None;
    }
    let end = blanks(pipe - 1);
    let quote = before(bytes, end);
    let (value, command) = if matches!(quote, b'"' | b'\'') {
        let start = end - 1 - run_back(bytes, end - 1, LONGEST, |b| b != quote && b != b'\n');
        (before(bytes, start) == quote).then(|| (start..end - 1, start - 1))?
    } else {
        let start = end - run_back(bytes, end, LONGEST, |b| b.is_ascii_graphic());
        (start..end, start)
    };
    let echo = ["echo ", "echo -n ", "echo -e ", "printf "];
    echo.iter().any(|c| behind(bytes, command, c)).then_some(value)
}

/// `echo PASSWORD | sudo -S`; "sudo -s" in any case is at `start..end`.
pub(crate) fn sudo(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let reads = byte(bytes, end - 1) == b'S' && byte(bytes, end) == b' ';
    let value = reads.then(|| echoed(bytes, start)).flatten()?;
    is_plain_word(bytes, &value).then(|| password("password.program", value, start))
}

/// `echo USER:PASSWORD | chpasswd`; "passwd" is at `start`.
fn piped(bytes: &[u8], start: usize) -> Option<Match> {
    let start = behind(bytes, start, "ch").then(|| start - 2)?;
    let line = echoed(bytes, start)?;
    let colon = bytes[line.clone()].iter().position(|b| *b == b':')?;
    let value = line.start + colon + 1..line.end;
    is_plain_word(bytes, &value).then(|| password("password.user", value, start))
}

/// `enable secret 0 PASSWORD`, `username NAME secret PASSWORD` of routers; the word "secret" is at `start..end`.
pub(crate) fn router(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let enabled = behind(bytes, start, "enable ");
    if byte(bytes, end) != b' ' || !(enabled || word_before(bytes, start, &const { Context::new(&["username "]) })) {
        return None;
    }
    let typed = byte(bytes, end + 1).is_ascii_digit() && byte(bytes, end + 2) == b' ';
    let value = value(bytes, if typed { end + 3 } else { end + 1 })?;
    let likely = (typed || unlike_a_word(&bytes[value.clone()])) && !is_no_value(bytes, &value);
    likely.then(|| password("password.program", value, start))
}

/// `sp_addlogin 'NAME', 'PASSWORD'`; the procedure's name ends at `end`.
pub(crate) fn login(bytes: &[u8], end: usize) -> Option<Match> {
    let quoted = |at: usize| {
        matches!(byte(bytes, at), b'"' | b'\'')
            .then(|| value(bytes, at))
            .flatten()
    };
    let separator = |at: usize| at + run(bytes, at, 8, |b| matches!(b, b' ' | b'(' | b',' | b'N' | b'='));
    let name = quoted(separator(end)).filter(|name| byte(bytes, name.end) != b'\n')?;
    let value = quoted(separator(name.end + 1))?;
    (!is_no_value(bytes, &value)).then(|| password("password.sql", value, end))
}

/// `/p:value`, `/rp value`.
pub(crate) fn slash(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let value = value(bytes, end).filter(|v| !is_no_value(bytes, v))?;
    matches!(before(bytes, start), b' ' | b'\t' | b'"').then(|| password("password.program", value, start))
}

/// `-pw value`.
pub(crate) fn putty(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    let value = value(bytes, end).filter(|v| byte(bytes, v.start) != b'-' && !is_no_value(bytes, v))?;
    matches!(before(bytes, start), b' ' | b'\t').then(|| password("password.program", value, start))
}

/// `net user NAME PASSWORD`, `net use DEVICE PATH PASSWORD /user:NAME` or with the password last; "net use" is at `start..end`.
pub(crate) fn net(bytes: &[u8], start: usize, end: usize) -> Option<Match> {
    if before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let users = byte(bytes, end) | 0x20 == b'r';
    let words = words(bytes, end + usize::from(users), 6);
    let is_option = |r: &Range<usize>| bytes[r.start] == b'/';
    let value = if users {
        words.get(1).filter(|_| !words.first().is_some_and(is_option))
    } else {
        let option = words.iter().position(|w| starts(&bytes[w.start..], "/user:"))?;
        let resource = |w: &Range<usize>| bytes[w.clone()].starts_with(b"\\\\") || byte(bytes, w.end - 1) == b':';
        let before = option.checked_sub(1).and_then(|i| words.get(i));
        before
            .filter(|w| !resource(w) && is_plain_word(bytes, w))
            .or_else(|| words.get(option + 1).filter(|w| !resource(w)))
    };
    value
        .filter(|w| is_plain_word(bytes, w))
        .map(|w| password("password.net", w.clone(), start))
}

/// The first quoted argument of `ConvertTo-SecureString`, where it is plain text.
pub(crate) fn secure_string(bytes: &[u8], end: usize) -> Option<Match> {
    const NEAR: usize = 40;
    let gap = run(bytes, end, NEAR, |b| {
        b.is_ascii_alphabetic() || matches!(b, b' ' | b'-' | b'(')
    });
    let at = end + gap;
    let value = matches!(byte(bytes, at), b'"' | b'\'')
        .then(|| value(bytes, at))
        .flatten()?;
    let rest = value.end + run(bytes, value.end, NEAR, |b| b != b'\n');
    let plain = bytes[value.end..rest]
        .windows(12)
        .any(|w| w.eq_ignore_ascii_case(b"-AsPlainText"));
    (gap > 0 && plain && !is_no_value(bytes, &value)).then(|| password("password.securestring", value, end))
}

/// SQL's `IDENTIFIED BY '…'`.
pub(crate) fn identified(bytes: &[u8], end: usize) -> Option<Match> {
    let at = end + run(bytes, end, 4, |b| b == b' ');
    let quoted = matches!(byte(bytes, at), b'"' | b'\'');
    let value = quoted.then(|| value(bytes, at)).flatten()?;
    (!is_no_value(bytes, &value)).then(|| password("password.sql", value, end))
}
