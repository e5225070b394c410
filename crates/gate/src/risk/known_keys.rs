//! Keys of the registry that are known for what they hold or decide. Not complete, and not meant to be.

/// Words in the names of keys (lower case) that often hold secrets.
pub(super) const SECRET_WORDS: &[&str] = &["password", "passwort", "secret", "credential", "token"];

/// Keys that hold secrets, by what they are.
pub(super) const SECRET_KEYS: &[(&str, &[&str])] = &[
    ("the machine's password hashes (SAM)", &[r"HKLM\sam\**"]),
    (
        "stored passwords of services and of the domain (SECURITY)",
        &[r"HKLM\security\**"],
    ),
    (
        "the password of an automatic sign-in, where one is set (Winlogon)",
        &[r"HKLM\software\microsoft\windows nt\currentversion\winlogon"],
    ),
    (
        "the machine's SNMP communities, which are its passwords",
        &[r"HKLM\system\*controlset*\services\snmp\parameters\**"],
    ),
];

/// Keys that decide what runs later, or for how long a setting holds, by what they are (MITRE ATT&CK T1547, T1543, T1546).
pub(super) const LASTING_KEYS: &[(&str, &[&str])] = &[
    (
        "programs that start by themselves (Run)",
        &[
            r"HKLM\software\microsoft\windows\currentversion\run*\**",
            r"HKLM\software\wow6432node\microsoft\windows\currentversion\run*\**",
            r"HKU\*\software\microsoft\windows\currentversion\run*\**",
            r"HKLM\software\microsoft\windows\currentversion\policies\explorer\run\**",
            r"HKLM\software\microsoft\active setup\installed components\**",
        ],
    ),
    ("services and drivers", &[r"HKLM\system\*controlset*\services\**"]),
    (
        "policies, which override settings",
        &[
            r"HKLM\software\policies\**",
            r"HKU\*\software\policies\**",
            r"HKLM\software\microsoft\windows\currentversion\policies\**",
            r"HKU\*\software\microsoft\windows\currentversion\policies\**",
        ],
    ),
    (
        "what runs at each sign-in (Winlogon)",
        &[r"HKLM\software\microsoft\windows nt\currentversion\winlogon\**"],
    ),
    (
        "programs that start in place of others (Image File Execution Options)",
        &[
            r"HKLM\software\microsoft\windows nt\currentversion\image file execution options\**",
            r"HKLM\software\microsoft\windows nt\currentversion\silentprocessexit\**",
        ],
    ),
    (
        "libraries that other programs load",
        &[
            r"HKLM\software\microsoft\windows nt\currentversion\windows",
            r"HKLM\software\wow6432node\microsoft\windows nt\currentversion\windows",
            r"HKLM\software\classes\**",
            r"HKU\*\software\classes\**",
            r"HKU\*_classes\**",
            r"HKLM\system\*controlset*\control\session manager\**",
            r"HKLM\system\*controlset*\control\lsa\**",
        ],
    ),
    (
        "tasks that run at their time",
        &[r"HKLM\software\microsoft\windows nt\currentversion\schedule\**"],
    ),
];

/// Keys of what protects the machine, by what it is.
pub(super) const PROTECTING_KEYS: &[(&str, &[&str])] = &[
    (
        "Windows Defender",
        &[
            r"HKLM\software\microsoft\windows defender\**",
            r"HKLM\software\policies\microsoft\windows defender\**",
            r"HKLM\system\*controlset*\services\windefend\**",
        ],
    ),
    (
        "the firewall",
        &[
            r"HKLM\system\*controlset*\services\sharedaccess\**",
            r"HKLM\software\policies\microsoft\windowsfirewall\**",
        ],
    ),
    (
        "the question before a program gets higher rights (UAC)",
        &[r"HKLM\software\microsoft\windows\currentversion\policies\system\**"],
    ),
    (
        "how sign-ins and passwords are guarded (LSA)",
        &[
            r"HKLM\system\*controlset*\control\lsa\**",
            r"HKLM\system\*controlset*\control\securityproviders\**",
        ],
    ),
    ("event logs", &[r"HKLM\system\*controlset*\services\eventlog\**"]),
];
