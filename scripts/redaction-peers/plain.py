"""Console output that holds nothing to be found but IP addresses: Windows's and Linux's commands, clusters, versions, logs of
points of sale. Each function makes one command's output as lines."""

from __future__ import annotations

import uuid
from random import Random

from page import NEUTRAL, mark, pad
from values import ALNUM, BASE64, DIGITS, HEX, UPPER, ipv4, ipv6, luhn_digit, number, some

SERVICES = [
    "Spooler",
    "WinRM",
    "BITS",
    "Dnscache",
    "LanmanServer",
    "W32Time",
    "wuauserv",
    "EventLog",
    "MSSQL$POS",
    "TermService",
    "OPOSScanner",
    "TillAgent",
    "CashDrawerSvc",
    "PrintNotify",
    "Themes",
    "VSS",
    "Schedule",
    "RpcSs",
]
UNITS = [
    "sshd.service",
    "cron.service",
    "nginx.service",
    "systemd-logind.service",
    "postgresql@15-main.service",
    "docker.service",
    "getty@tty1.service",
    "user@1000.service",
    "snapd.socket",
    "apt-daily.timer",
    "dev-disk-by\\x2duuid.device",
]
PACKAGES = [
    "libssl3",
    "openssl",
    "bash",
    "coreutils",
    "libc6",
    "python3.11",
    "curl",
    "systemd",
    "zlib1g",
    "perl-base",
    "grep",
    "libgcc-s1",
    "tzdata",
    "ca-certificates",
    "libx11-6",
    "fonts-dejavu-core",
    "vim-tiny",
    "rsync",
    "xserver-xorg-core",
]
HOSTS = ["pos07", "pos12", "till-03", "backoffice1", "sql01", "kds2", "srv-dc1", "edge-gw"]
PROCESSES = [
    "nginx: worker process",
    "/usr/sbin/sshd -D",
    "/lib/systemd/systemd-journald",
    "[kworker/0:1-events]",
    "postgres: checkpointer",
    "/usr/bin/dockerd -H fd://",
    "java -Xmx512m -jar /opt/till/till.jar --port 8443",
    "python3 -m http.server 8000",
    "/sbin/agetty -o -p -- \\u",
]


def guid(r: Random) -> str:
    return str(uuid.UUID(int=r.getrandbits(128), version=4))


def day(r: Random) -> str:
    return f"20{r.randint(22, 26)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


def clock(r: Random) -> str:
    return f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}"


def stamp(r: Random) -> str:
    return r.choice(
        [
            f"{day(r)} {clock(r)},{number(r, 3)}",
            f"{day(r)}T{clock(r)}.{number(r, 6)}Z",
            f"{day(r)}T{clock(r)}+02:00",
            f"{day(r)} {clock(r)}.{number(r, 3)}",
        ]
    )


def syslog(r: Random) -> str:
    month = r.choice(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
    return f"{month} {r.randint(1, 28):2} {clock(r)} {r.choice(HOSTS)}"


def mac(r: Random, joint: str) -> str:
    return joint.join(some(r, 2, HEX) for _ in range(6))


def sid(r: Random) -> str:
    return f"S-1-5-21-{number(r, 10)}-{number(r, 10)}-{number(r, 9)}-{r.randint(500, 5000)}"


def version(r: Random) -> str:
    return f"{r.randint(0, 20)}.{r.randint(0, 40)}.{r.randint(0, 20)}"


def ip(r: Random) -> str:
    public = r.random() < 0.3
    return mark("ip address", "public v4" if public else "private v4", ipv4(r, public))


def ip6(r: Random) -> str:
    return mark("ip address", "v6", ipv6(r))


def anywhere(r: Random) -> str:
    return mark(NEUTRAL, "any address", r.choice(["0.0.0.0", "127.0.0.1"]))


def bad_luhn(r: Random, digits: int) -> str:
    """A number that only its last digit keeps from being a card's."""
    body = r.choice(["4", "5", "34", "6", "35"]) + number(r, digits)
    body = body[: digits - 1]
    return body + str((int(luhn_digit(body)) + r.randint(1, 9)) % 10)


def with_luhn(body: str) -> str:
    """What ends in the same check digit as a card's number: IMEI (3GPP TS 23.003), ICCID (ITU-T E.118)."""
    return body + luhn_digit(body)


def ean13(r: Random) -> str:
    body = r.choice(["40", "50", "76", "30", "87", "00"]) + number(r, 10)
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return body + str(-total % 10)


def ipconfig(r: Random) -> list[str]:
    return [
        "",
        "Windows IP Configuration",
        "",
        f"   Host Name . . . . . . . . . . . . : {r.choice(HOSTS).upper()}",
        "   Primary Dns Suffix  . . . . . . . : corp.local",
        "   Node Type . . . . . . . . . . . . : Hybrid",
        "",
        "Ethernet adapter Ethernet:",
        "",
        "   Connection-specific DNS Suffix  . : corp.local",
        "   Description . . . . . . . . . . . : Intel(R) I211 Gigabit Network Connection",
        f"   Physical Address. . . . . . . . . : {mac(r, '-').upper()}",
        "   DHCP Enabled. . . . . . . . . . . : Yes",
        f"   Link-local IPv6 Address . . . . . : {ip6(r)}%{r.randint(2, 20)}(Preferred)",
        f"   IPv4 Address. . . . . . . . . . . : {ip(r)}(Preferred)",
        f"   Subnet Mask . . . . . . . . . . . : {mark(NEUTRAL, 'mask', '255.255.255.0')}",
        f"   DHCPv6 IAID . . . . . . . . . . . : {number(r, 9)}",
        f"   DHCPv6 Client DUID. . . . . . . . : 00-01-00-01-{mac(r, '-').upper()}-{mac(r, '-').upper()[:11]}",
    ]


def netstat(r: Random) -> list[str]:
    out = ["Active Connections", "", "  Proto  Local Address          Foreign Address        State           PID"]
    for _ in range(r.randint(4, 14)):
        if r.random() < 0.3:
            out.append(
                f"  TCP    {anywhere(r)}:{r.randint(80, 65000):<14} {mark(NEUTRAL, 'any address', '0.0.0.0:0')}              LISTENING       {r.randint(4, 9999)}"
            )
        else:
            out.append(
                f"  TCP    {pad(f'{ip(r)}:{r.randint(1024, 65000)}', 22)} {pad(f'{ip(r)}:{r.choice([443, 1433, 80])}', 22)} ESTABLISHED     {r.randint(4, 9999)}"
            )
    return out


def sc_query(r: Random) -> list[str]:
    name = r.choice(SERVICES)
    return [
        "",
        f"SERVICE_NAME: {name}",
        f"DISPLAY_NAME: {name} Service",
        "        TYPE               : 10  WIN32_OWN_PROCESS",
        "        STATE              : 4  RUNNING",
        "                                (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)",
        "        WIN32_EXIT_CODE    : 0  (0x0)",
        "        SERVICE_EXIT_CODE  : 0  (0x0)",
        "        CHECKPOINT         : 0x0",
        f"        WAIT_HINT          : 0x{some(r, 4, HEX)}",
        f"        PID                : {r.randint(400, 99999)}",
    ]


def get_service(r: Random) -> list[str]:
    return ["", "Status   Name               DisplayName", "------   ----               -----------"] + [
        f"{r.choice(['Running', 'Stopped']):8} {s:18} {s} Service" for s in r.sample(SERVICES, 8)
    ]


def event_log(r: Random) -> list[str]:
    out = [
        "",
        "   Index Time          EntryType   Source                 InstanceID Message",
        "   ----- ----          ---------   ------                 ---------- -------",
    ]
    for _ in range(r.randint(5, 12)):
        source = r.choice(["Service Control M...", "Microsoft-Windows...", "DCOM", "EventLog", "OPOS"])
        out.append(
            f"{r.randint(1000, 999999):8} {clock(r)[:5]:>5}  Information {source:22} {r.randint(1, 4294967295):10} The {r.choice(SERVICES)} service entered the running state."
        )
    return out


def reg_query(r: Random) -> list[str]:
    return [
        f"HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{{{guid(r).upper()}}}",
        f"    DisplayName    REG_SZ    Till Runtime {version(r)}",
        f"    DisplayVersion    REG_SZ    {version(r)}.{r.randint(1, 9999)}",
        f"    InstallDate    REG_SZ    {day(r).replace('-', '')}",
        f"    EstimatedSize    REG_DWORD    0x{some(r, 5, HEX)}",
        f"    ProductID    REG_SZ    {number(r, 5)}-{number(r, 5)}-{number(r, 5)}-AA{number(r, 3)}",
        f"    InstallTime    REG_QWORD    0x{some(r, 15, HEX)}",
        f"    MachineGuid    REG_SZ    {guid(r)}",
        f"    DigitalProductId    REG_BINARY    A4000000030000003{some(r, 48, DIGITS + 'ABCDEF')}",
        "",
    ]


def get_process(r: Random) -> list[str]:
    out = [
        "Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName",
        "-------  ------    -----      -----     ------     --  -- -----------",
    ]
    for _ in range(r.randint(6, 15)):
        out.append(
            f"{r.randint(50, 4000):7} {r.randint(4, 200):7} {r.randint(900, 900000):8} {r.randint(900, 900000):10} {r.uniform(0, 900):10.2f} {r.randint(4, 65000):6} {r.randint(0, 3):3} {r.choice(['svchost', 'explorer', 'till', 'sqlservr', 'lsass'])}"
        )
    return out


def systeminfo(r: Random) -> list[str]:
    return [
        f"Host Name:                 {r.choice(HOSTS).upper()}",
        "OS Name:                   Microsoft Windows 10 IoT Enterprise LTSC",
        f"OS Version:                10.0.19044 N/A Build {r.randint(19044, 22631)}",
        f"Product ID:                {number(r, 5)}-{number(r, 5)}-{number(r, 5)}-AAOEM",
        f"Original Install Date:     {r.randint(1, 12)}/{r.randint(1, 28)}/2023, {clock(r)} AM",
        f"System Boot Time:          {r.randint(1, 12)}/{r.randint(1, 28)}/2026, {clock(r)}",
        f"BIOS Version:              American Megatrends Inc. {version(r)}, 4/{r.randint(1, 28)}/2019",
        f"Total Physical Memory:     {r.randint(2, 64)},{number(r, 3)} MB",
        f"Hotfix(s):                 [01]: KB{number(r, 7)}",
        f"                           [02]: KB{number(r, 7)}",
        f"SerialNumber:              {some(r, 7, UPPER + DIGITS)}",
    ]


def directory(r: Random) -> list[str]:
    out = [
        " Volume in drive C is OS",
        f" Volume Serial Number is {some(r, 4, HEX).upper()}-{some(r, 4, HEX).upper()}",
        "",
        " Directory of C:\\ProgramData\\Till\\logs",
        "",
    ]
    total = 0
    for _ in range(r.randint(5, 14)):
        size = r.randint(0, 999_999_999)
        total += size
        out.append(
            f"{r.randint(1, 12):02}/{r.randint(1, 28):02}/2026  {r.randint(1, 12):02}:{r.randint(0, 59):02} {r.choice('AP')}M {size:17,} till-{day(r).replace('-', '')}.log"
        )
    return [
        *out,
        f"{len(out):16} File(s) {total:14,} bytes",
        f"               2 Dir(s)  {r.randint(10**9, 10**12):,} bytes free",
    ]


def wmi(r: Random) -> list[str]:
    return [
        "",
        f"Caption          : Intel(R) Core(TM) i3-{number(r, 4)} CPU @ 2.30GHz",
        f"DeviceID         : \\\\.\\PHYSICALDRIVE{r.randint(0, 3)}",
        f"SerialNumber     : {some(r, 4, UPPER)}{number(r, 10)}",
        f"Size             : {r.randint(10**11, 10**13)}",
        f"LastBootUpTime   : {day(r).replace('-', '')}{number(r, 6)}.500000+060",
        f"InstallDate      : {day(r).replace('-', '')}000000.000000+000",
        f"FreeSpace        : {r.randint(10**10, 10**12)}",
        f"PNPDeviceID      : USB\\VID_{some(r, 4, HEX).upper()}&PID_{some(r, 4, HEX).upper()}\\{number(r, 12)}",
        f"Name             : {sid(r)}",
        f"FileTime         : 1{r.randint(32, 34)}{number(r, 15)}",
        "",
    ]


def updates(r: Random) -> list[str]:
    out = [
        "Source        Description      HotFixID      InstalledBy          InstalledOn",
        "------        -----------      --------      -----------          -----------",
    ]
    return out + [
        f"{r.choice(HOSTS).upper():13} Security Update  KB{number(r, 7)}     NT AUTHORITY\\SYSTEM  {r.randint(1, 12)}/{r.randint(1, 28)}/2026 12:00:00 AM"
        for _ in range(4)
    ]


def certificates(r: Random) -> list[str]:
    return [
        "   PSParentPath: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\My",
        "",
        "Thumbprint                                Subject",
        "----------                                -------",
    ] + [f"{some(r, 40, DIGITS + 'ABCDEF')}  CN={r.choice(HOSTS)}.corp.local" for _ in range(4)]


def ps(r: Random) -> list[str]:
    out = ["USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"]
    return out + [
        f"{r.choice(['root', 'www-data', 'postgres', 'till']):10} {r.randint(1, 99999):5}  {r.uniform(0, 9):.1f}  {r.uniform(0, 9):.1f} {r.randint(1000, 9999999):7} {r.randint(0, 999999):6} ?        Ss   {clock(r)[:5]}   {r.randint(0, 9)}:{r.randint(0, 59):02} {r.choice(PROCESSES)}"
        for _ in range(r.randint(6, 15))
    ]


def journal(r: Random) -> list[str]:
    out = []
    for _ in range(r.randint(6, 16)):
        out.append(
            f"{syslog(r)} "
            + r.choice(
                [
                    f"systemd[1]: Started {r.choice(UNITS)}.",
                    f"kernel: [{r.randint(1, 99999)}.{number(r, 6)}] usb 1-1.{r.randint(1, 4)}: new high-speed USB device number {r.randint(2, 90)} using xhci_hcd",
                    f"sshd[{r.randint(300, 99999)}]: Connection closed by {ip(r)} port {r.randint(1024, 65000)} [preauth]",
                    f"sshd[{r.randint(300, 99999)}]: Accepted publickey for till from {ip(r)} port {r.randint(1024, 65000)} ssh2: RSA SHA256:{some(r, 43)}",
                    f"CRON[{r.randint(300, 99999)}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
                    f"dhclient[{r.randint(300, 9999)}]: DHCPACK of {ip(r)} from {ip(r)} (xid=0x{some(r, 8, HEX)})",
                    f'kernel: audit: type=1400 audit(1{number(r, 9)}.{number(r, 3)}:{r.randint(1, 999)}): apparmor="STATUS" operation="profile_load"',
                    f"sudo: pam_unix(sudo:auth): authentication failure; logname= uid={r.randint(1000, 1010)} euid=0 tty=/dev/pts/0 ruser=till rhost=",
                    f"systemd[1]: apt-daily.service: Consumed {r.randint(1, 59)}.{number(r, 3)}s CPU time.",
                    f"smartd[{r.randint(300, 9999)}]: Device: /dev/sda, WDC WD10EZEX-{some(r, 8, UPPER + DIGITS)}, S/N:WD-{some(r, 12, UPPER + DIGITS)}, WWN:5-0014ee-{some(r, 9, HEX)}",
                ]
            )
        )
    return out


def df(r: Random) -> list[str]:
    out = ["Filesystem           1K-blocks       Used  Available Use% Mounted on"]
    for name, where in [
        ("/dev/sda1", "/"),
        ("tmpfs", "/run"),
        ("/dev/mapper/vg0-data", "/data"),
        ("overlay", "/var/lib/docker/overlay2"),
    ]:
        out.append(
            f"{name:20} {r.randint(10**5, 10**10):10} {r.randint(10**4, 10**9):10} {r.randint(10**4, 10**10):10} {r.randint(1, 99):3}% {where}"
        )
    return out


def ip_address(r: Random) -> list[str]:
    return [
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000",
        f"    link/ether {mac(r, ':')} brd ff:ff:ff:ff:ff:ff",
        f"    inet {ip(r)}/24 brd {ip(r)} scope global dynamic eth0",
        f"       valid_lft {r.randint(1000, 86400)}sec preferred_lft {r.randint(1000, 86400)}sec",
        f"    inet6 {ip6(r)}/64 scope link",
    ]


def dpkg(r: Random) -> list[str]:
    out = [
        "||/ Name                 Version                 Architecture Description",
        "+++-====================-=======================-============-=================================",
    ]
    return out + [
        f"ii  {p:20} {r.choice(['', '1:', '2:'])}{version(r)}-{r.randint(1, 9)}+deb12u{r.randint(1, 9)}        amd64        {p} for Debian"
        for p in r.sample(PACKAGES, 10)
    ]


def apt(r: Random) -> list[str]:
    p = r.choice(PACKAGES)
    return [
        "Reading package lists... Done",
        "Building dependency tree... Done",
        "The following packages will be upgraded:",
        f"  {p}",
        "1 upgraded, 0 newly installed, 0 to remove and 12 not upgraded.",
        f"Need to get {r.randint(1, 900)} kB of archives.",
        f"Get:1 http://mirror.example/debian bookworm/main amd64 {p} amd64 {version(r)}-{r.randint(1, 9)} [{r.randint(10, 900)} kB]",
        f"Fetched {r.randint(1, 900)} kB in 0s ({r.randint(1, 9000)} kB/s)",
        f"(Reading database ... {number(r, 6)} files and directories currently installed.)",
        f"Preparing to unpack .../{p}_{version(r)}-1_amd64.deb ...",
        f"Setting up {p} ({version(r)}-1) ...",
    ]


def kubectl(r: Random) -> list[str]:
    out = ["NAMESPACE     NAME                                READY   STATUS    RESTARTS   AGE     IP             NODE"]
    for _ in range(r.randint(4, 10)):
        name = f"{r.choice(['till-api', 'coredns', 'ingress-nginx-controller', 'loyalty'])}-{some(r, 10, HEX)}-{some(r, 5, 'bcdfghjklmnpqrstvwxz2456789')}"
        out.append(
            f"{'shop':13} {name:35} 1/1     Running   {r.randint(0, 9)}          {r.randint(1, 90)}d      {pad(ip(r), 14)} {r.choice(HOSTS)}"
        )
    return out


def docker(r: Random) -> list[str]:
    out = [
        "CONTAINER ID   IMAGE                COMMAND                  CREATED       STATUS       PORTS                    NAMES"
    ]
    for _ in range(r.randint(2, 6)):
        out.append(
            f'{some(r, 12, HEX)}   till/api:{version(r):10} "/docker-entrypoint.…"   {r.randint(2, 9)} days ago    Up {r.randint(2, 9)} days    {anywhere(r)}:8080->80/tcp   api-{r.randint(1, 9)}'
        )
    return out + [
        f"till/api     latest    sha256:{some(r, 64, HEX)}   {r.randint(2, 9)} weeks ago   {r.randint(50, 900)}MB"
    ]


def git_log(r: Random) -> list[str]:
    return [
        f"{some(r, 7, HEX)} {r.choice(['Fix', 'Add', 'Drop', 'Rename'])} {r.choice(['rounding of VAT', 'receipt footer', 'drawer timeout', 'scale driver', 'password prompt on login'])} (#{r.randint(10, 9999)})"
        for _ in range(6)
    ] + [
        f"commit {some(r, 40, HEX)}",
        f"Merge: {some(r, 7, HEX)} {some(r, 7, HEX)}",
        f"Date:   Mon Mar {r.randint(1, 28)} {clock(r)} 2026 +0100",
        "",
        "diff --git a/till/vat.c b/till/vat.c",
        f"index {some(r, 9, HEX)}..{some(r, 9, HEX)} 100644",
        f"@@ -{r.randint(1, 900)},6 +{r.randint(1, 900)},7 @@ static int vat(int cents)",
        "+    if (cents < 0) return -1;",
        f" src/till/vat.c | {r.randint(1, 40)} +++++----",
    ]


def checksums(r: Random) -> list[str]:
    return [
        f"{some(r, r.choice([32, 40, 64]), HEX)}  /opt/till/lib/{r.choice(PACKAGES)}.so.{r.randint(1, 9)}"
        for _ in range(6)
    ]


def dump(r: Random) -> list[str]:
    return [
        f"{i * 16:08x}: "
        + " ".join(some(r, 4, HEX if r.random() < 0.7 else DIGITS) for _ in range(8))
        + "  "
        + some(r, 16, ALNUM + "....")
        for i in range(r.randint(4, 9))
    ]


def counters(r: Random) -> list[str]:
    """Long numbers that count or identify: one in some hundreds passes an issuer's range and check digit by chance."""
    return [
        f"rx_bytes {r.randint(10**11, 10**16)} tx_bytes {r.randint(10**11, 10**16)}",
        f"cpu0 {r.randint(10**5, 10**9)} {r.randint(10**3, 10**7)} {r.randint(10**5, 10**9)} {r.randint(10**8, 10**11)} 0 0",
        f"uptime_ns={r.randint(10**14, 10**17)}",
        f"inode {r.randint(10**6, 10**9)} ino={r.randint(10**12, 10**15)}",
        f"epoch_ms=17{number(r, 11)} epoch_ns=17{number(r, 17)}",
        f"lsn {r.randint(10**12, 10**16)}:{r.randint(1, 999)}",
        f"pgpgin {r.randint(10**6, 10**12)} pgfault {r.randint(10**6, 10**13)}",
    ]


def till_log(r: Random) -> list[str]:
    out = []
    for _ in range(r.randint(8, 20)):
        level = r.choice(["INFO ", "DEBUG", "WARN "])
        out.append(
            f"{stamp(r)} {level} "
            + r.choice(
                [
                    f"[Sale] receipt={r.randint(1000, 99999)} lane={r.randint(1, 9)} total={r.randint(1, 400)}.{number(r, 2)} EUR items={r.randint(1, 40)}",
                    f"[Sale] order {bad_luhn(r, 16)} queued",
                    f"[Scan] item {ean13(r)} qty {r.randint(1, 9)} price {r.randint(1, 99)}.{number(r, 2)}",
                    f"[EFT] auth approved, card ************{number(r, 4)}, stan {number(r, 6)}, rrn {number(r, 12)}, appr {number(r, 6)}",
                    f"[EFT] host response 00 in {r.randint(90, 4000)} ms, trace {guid(r)}",
                    f"[Stock] delta upload batch={number(r, 8)} rows={r.randint(1, 9000)} crc={some(r, 8, HEX)}",
                    f"[Printer] paper low, serial {some(r, 3, UPPER)}{number(r, 8)} firmware {version(r)}",
                    f"[Drawer] opened by user {r.randint(1, 99)} reason=NOSALE",
                    f"[Fiscal] transaction {number(r, 10)} signature counter {r.randint(1, 10**7)} TSE serial {some(r, 64, HEX)}",
                    f"[Loyalty] points balance {r.randint(0, 99999)} for member tier GOLD",
                    f"[Sync] cursor {r.randint(10**17, 10**18)} shard {r.randint(1, 64)}",
                    f"[Update] package till-{version(r)}.zip sha256 {some(r, 64, HEX)}",
                    f"[Modem] imei {with_luhn('35' + number(r, 12))} iccid {with_luhn('8949' + number(r, 14))} signal -{r.randint(60, 110)} dBm",
                    f"[Parcel] tracking 1Z{some(r, 6, UPPER + DIGITS)}{number(r, 10)} weight {r.randint(1, 30)}.{number(r, 2)} kg",
                    f"[Session] {some(r, 8, HEX)} expired after {r.randint(10, 90)} min",
                    f"[Auth] login failed: invalid password for user {r.choice(['till1', 'manager', 'svc_pos'])}",
                    "[Auth] password changed, expires never",
                    f"[Config] password policy: length {r.randint(8, 16)}, history {r.randint(1, 24)}",
                ]
            )
        )
    return out


def json_plain(r: Random) -> list[str]:
    return [
        "{",
        f'  "id": "{guid(r)}",',
        f'  "createdAt": "{day(r)}T{clock(r)}Z",',
        f'  "version": "{version(r)}",',
        f'  "orderNumber": "{bad_luhn(r, 16)}",',
        f'  "etag": "{some(r, 32, HEX)}",',
        f'  "snowflake": {r.randint(10**17, 10**18)},',
        f'  "gtin": "{ean13(r)}",',
        f'  "bytes": {r.randint(10**9, 10**13)},',
        f'  "region": "eu-central-1", "retries": {r.randint(0, 9)}, "ratio": 0.{number(r, 16)}',
        "}",
    ]


def ini_plain(r: Random) -> list[str]:
    return [
        "[till]",
        f"lane = {r.randint(1, 20)}",
        f"device = COM{r.randint(1, 9)}",
        "baud = 115200",
        "license_file = C:\\ProgramData\\Till\\license.dat",
        f"product_key = {'-'.join(some(r, 5, 'BCDFGHJKMPQRTVWXY2346789') for _ in range(5))}",
        f"build = {number(r, 8)}.{r.randint(1, 9)}",
        f"guid = {{{guid(r)}}}",
        "password_file = /run/secrets/db",
        "token_ttl = 3600",
        "",
    ]


def proc(r: Random) -> list[str]:
    return [
        f"MemTotal:       {r.randint(10**6, 10**8):8} kB",
        f"MemFree:        {r.randint(10**5, 10**7):8} kB",
        f"{some(r, 12, HEX)}-{some(r, 12, HEX)} r-xp {some(r, 8, HEX)} 08:01 {number(r, 7)}   /usr/lib/x86_64-linux-gnu/libc.so.6",
        f"{'sd' + r.choice('abc')} {number(r, 6)} {number(r, 5)} {number(r, 8)} {number(r, 6)} {number(r, 5)} {number(r, 6)} {number(r, 8)} {number(r, 7)} 0 {number(r, 7)} {number(r, 7)}",
        f"Threads: {r.randint(1, 90)}",
        f"voluntary_ctxt_switches:        {r.randint(1, 10**8)}",
    ]


def access_log(r: Random) -> list[str]:
    return [
        f'{ip(r)} - - [{r.randint(1, 28):02}/Mar/2026:{clock(r)} +0100] "GET /api/v1/items/{number(r, 8)}?page={r.randint(1, 90)} HTTP/1.1" {r.choice([200, 304, 404])} {r.randint(100, 99999)} "-" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{number(r, 2)}.0.0.0 Safari/537.36"'
        for _ in range(6)
    ]


def ping(r: Random) -> list[str]:
    to = ip(r)
    return [f"Pinging {to} with 32 bytes of data:"] + [
        f"Reply from {to}: bytes=32 time={r.randint(1, 90)}ms TTL={r.randint(40, 128)}" for _ in range(4)
    ]


def certificate(r: Random) -> list[str]:
    """A public one, which is no secret."""
    body = "MIID" + some(r, 64 * 12 - 4, BASE64)
    serial = ":".join(some(r, 2, HEX) for _ in range(16))
    return [
        "Certificate:",
        "    Data:",
        "        Version: 3 (0x2)",
        f"        Serial Number: {serial}",
        "        Signature Algorithm: sha256WithRSAEncryption",
        f"            Not Before: Mar {r.randint(1, 28)} {clock(r)} 2026 GMT",
        f"SHA1 Fingerprint={':'.join(some(r, 2, DIGITS + 'ABCDEF') for _ in range(20))}",
        "-----BEGIN CERTIFICATE-----",
        *(body[i : i + 64] for i in range(0, len(body), 64)),
        "-----END CERTIFICATE-----",
    ]


def stack_trace(r: Random) -> list[str]:
    return [
        'Exception in thread "main" java.lang.IllegalStateException: key not found for token bucket',
        f"\tat com.till.pos.Sale.total(Sale.java:{r.randint(1, 900)})",
        f"\tat com.till.pos.Receipt$Line.<init>(Receipt.java:{r.randint(1, 900)})",
        f"\tat jdk.internal.reflect.GeneratedMethodAccessor{r.randint(1, 99)}.invoke(Unknown Source)",
        f"System.NullReferenceException: Object reference not set ({some(r, 8, HEX)})",
        f"   at Till.Pos.Auth.PasswordDialog.Show() in C:\\src\\Auth.cs:line {r.randint(1, 900)}",
        f"[{clock(r)}] panic: runtime error: index out of range [{r.randint(1, 99)}] with length {r.randint(1, 9)}",
        f"goroutine {r.randint(1, 999)} [running]: main.run(0xc{some(r, 9, HEX)}, 0x{some(r, 2, HEX)})",
    ]


def packages(r: Random) -> list[str]:
    return [
        f"npm warn deprecated @till/ui@{version(r)}: use @till/kit",
        f"added {r.randint(10, 2000)} packages, and audited {r.randint(10, 2000)} packages in {r.randint(1, 90)}s",
        f'    "integrity": "sha512-{some(r, 86, BASE64)}==",',
        f"   Compiling serde v{version(r)}",
        f"   Compiling password-hash v{version(r)}",
        f"Collecting requests=={version(r)}",
        f"  Downloading requests-{version(r)}-py3-none-any.whl ({r.randint(10, 900)} kB)",
        f"go: downloading golang.org/x/crypto v{version(r)}",
        f"  Restored C:\\src\\Till.csproj (in {r.randint(1, 900)} ms).",
    ]


def sql_dump(r: Random) -> list[str]:
    return (
        [
            f"INSERT INTO `sale` VALUES ({number(r, 9)},{r.randint(1, 40)},'{day(r)} {clock(r)}',{r.randint(1, 900)}.{number(r, 2)},'EUR',NULL,{number(r, 10)});"
            for _ in range(4)
        ]
        + [
            f" {number(r, 8)} | {day(r)} | {number(r, 10)} | {r.randint(1, 900)}.{number(r, 2)} | {guid(r)}"
            for _ in range(4)
        ]
        + [
            "  `password_hash` varchar(255) NOT NULL,",
            "  `api_token_id` bigint unsigned DEFAULT NULL,",
            f") ENGINE=InnoDB AUTO_INCREMENT={number(r, 7)} DEFAULT CHARSET=utf8mb4;",
        ]
    )


def hardware(r: Random) -> list[str]:
    return [
        f"Bus 00{r.randint(1, 4)} Device {r.randint(1, 99):03}: ID {some(r, 4, HEX)}:{some(r, 4, HEX)} Epson Corp. TM-T88V",
        f"00:1f.{r.randint(0, 6)} SATA controller [0106]: Intel Corporation [8086:{some(r, 4, HEX)}] (rev {r.randint(1, 40)})",
        f"ID_SERIAL=Samsung_SSD_870_EVO_500GB_S{some(r, 14, UPPER + DIGITS)}",
        f"ID_WWN=0x5002538{some(r, 9, HEX)}",
        f"GPIO pin {r.randint(1, 40)}: level=1 fsel=0",
        f'UUID="{guid(r)}" TYPE="ext4" PARTUUID="{some(r, 8, HEX)}-0{r.randint(1, 9)}"',
        f"Handle 0x00{some(r, 2, HEX).upper()}, DMI type 17, 92 bytes",
        f"        Part Number: M471A{some(r, 8, UPPER + DIGITS)}-CRC",
        f"        Serial Number: {some(r, 8, HEX).upper()}",
    ]


def ssh(r: Random) -> list[str]:
    return [
        f"till@{r.choice(HOSTS)}:~$ scp receipts.csv backup@{r.choice(HOSTS)}:/srv/in/",
        "debug1: kex: algorithm: sntrup761x25519-sha512@openssh.com",
        "debug1: Next authentication method: password",
        f"256 SHA256:{some(r, 43, BASE64)} root@{r.choice(HOSTS)} (ED25519)",
        f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{some(r, 43, BASE64)} till@{r.choice(HOSTS)}",
        f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{some(r, 300, BASE64)} ci",
        "git clone git@git.pos.internal:till/till.git",
        "Permission denied (publickey,password).",
    ]


def report(r: Random) -> list[str]:
    """Tables of figures, as tills and spreadsheets print them."""
    return (
        ["Article      Qty    Net      VAT   Gross  Stock     GTIN"]
        + [
            f"{number(r, 6)}  {r.randint(1, 900):6} {r.randint(1, 9000):6}.{number(r, 2)} {r.randint(7, 25):4}% {r.randint(1, 9000):5}.{number(r, 2)} {number(r, 4)} {number(r, 4)} {ean13(r)}"
            for _ in range(5)
        ]
        + [
            f"Z-REPORT {number(r, 4)}  FISCAL NO {number(r, 12)}  DEVICE {number(r, 4)}-{number(r, 4)}-{number(r, 4)}",
            f"INVOICE {r.randint(2022, 2026)}-{number(r, 6)}  CUSTOMER {number(r, 10)}  DUE {day(r)}",
            f"LAT 5{r.randint(0, 9)}.{number(r, 6)} LON {r.randint(1, 14)}.{number(r, 6)}  ZIP {number(r, 5)}  TAX RATE 0.{number(r, 2)}",
        ]
    )


BLOCKS = [
    certificate,
    stack_trace,
    packages,
    sql_dump,
    hardware,
    ssh,
    report,
    ipconfig,
    netstat,
    sc_query,
    get_service,
    event_log,
    reg_query,
    get_process,
    systeminfo,
    directory,
    wmi,
    updates,
    certificates,
    ps,
    journal,
    df,
    ip_address,
    dpkg,
    apt,
    kubectl,
    docker,
    git_log,
    checksums,
    dump,
    counters,
    till_log,
    till_log,
    till_log,
    json_plain,
    ini_plain,
    proc,
    access_log,
    ping,
]
