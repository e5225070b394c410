#!/usr/bin/env python3
"""Makes console output with values of every structured kind at known places, for measuring redaction.

    corpus.py --seed N --lines N --out DIR

DIR gets files of a few hundred lines and `labels.jsonl`: one object a line with file, start and end (bytes, of the secret part of
a value), kind and form. The same seed makes the same corpus. Values come from values.py, output around them from plain.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random

import plain
import values
from page import NEUTRAL, mark, pad, unmark
from values import UPPER, number, some

# One block in this many holds no values.
ORDINARY = 4
FILE_LINES = 400

Lines = list[str]


# -- values with words before them -----------------------------------------------------------------


def field(r: Random, word: str, value: str) -> str:
    """A named value as forms, registries, databases, logs and serialised objects print it."""
    tag = (word.title() if " " in word else word).replace(" ", "").replace("'", "").replace("-", "")
    return r.choice(
        [
            f"{word}: {value}",
            f"{word}={value}",
            f'  "{word}": "{value}",',
            f"  <{tag}>{value}</{tag}>",
            f"    {tag}    REG_SZ    {value}",
            f"{word:28}: {value}",
            f"{word} = {value}",
            f" {word:20} | {value}",
            f"{word}: '{value}'",
            f"{plain.stamp(r)} INFO  [Customer] {word} {value} checked",
            f"{plain.stamp(r)} WARN  [Import] row {r.randint(1, 9999)}: {word}={value}, status=duplicate",
            f"{plain.syslog(r)} crm[{r.randint(300, 9999)}]: updated {word}: {value}",
            f"{word} {value}",
        ]
    )


def named(kind: str, table: dict[str, tuple[Callable[[Random], str], list[str]]]) -> Callable[[Random], Lines]:
    def block(r: Random) -> Lines:
        form = r.choice(list(table))
        make, words = table[form]
        return [field(r, r.choice(words), mark(kind, form, make(r)))]

    return block


def ssn(r: Random) -> Lines:
    text = values.ssn(r)
    if r.random() < 0.3:
        text = text.replace("-", r.choice(["", " "]))
        return [
            field(
                r,
                r.choice(["SSN", "Social Security Number", "ssn", "social_security_number"]),
                mark("ssn", "words", text),
            )
        ]
    value = mark("ssn", "dashed", text)
    return [
        r.choice(
            [
                f"{r.randint(1, 999)},{value},active",
                f"employee {r.randint(1, 999)} {value}",
                field(r, "SSN", value),
                field(r, "tax_id", value),
            ]
        )
    ]


def iban(r: Random) -> Lines:
    form, text = values.iban(r)
    value = mark("iban", form, text)
    return [
        r.choice(
            [
                field(r, r.choice(["IBAN", "iban", "account", "Kontonummer", "beneficiary"]), value),
                f"SEPA transfer to {value} amount {r.randint(1, 999)}.00 EUR",
                f"{plain.stamp(r)} INFO  [Payout] {value};{r.randint(1, 999)},50;EUR",
            ]
        )
    ]


def email(r: Random) -> Lines:
    form, text = values.email(r)
    value = mark("email", form, text)
    name = text.split("@")[0]
    return r.choice(
        [
            lambda: [f"Author: {name} <{value}>", f"Date:   Tue Apr {r.randint(1, 28)} {plain.clock(r)} 2026 +0200"],
            lambda: [f"To: {value}"],
            lambda: [
                f"{plain.syslog(r)} postfix/smtp[{r.randint(1, 9999)}]: {some(r, 10, UPPER + '0123456789')}: to=<{value}>, relay=mx.example.net, delay={r.randint(1, 9)}.{r.randint(0, 9)}, status=sent"
            ],
            lambda: [f'  "email": "{value}",'],
            lambda: [f"UserPrincipalName : {value}"],
            lambda: [f"{r.randint(1, 999)}\t{value}\t{plain.day(r)}"],
            lambda: [f"{plain.stamp(r)} INFO  [Receipt] sent to {value}"],
            lambda: [f"mailto:{value}?subject=Invoice"],
            lambda: [f"smtp.user={value}"],
        ]
    )()


def phone(r: Random) -> Lines:
    form, text = r.choice(
        [values.phone_international, values.phone_international, values.phone_us, values.phone_national]
    )(r)
    value = mark("phone", form, text)
    words = r.choice(
        ["Phone", "phone", "Tel.", "Telephone", "Mobile", "Fax", "mobile_number", "contact_phone", "telephoneNumber"]
    )
    if form == "national" or r.random() < 0.4:
        return [field(r, words, value)]
    return [
        r.choice(
            [
                f"call {value} for support",
                f"{r.randint(1, 999)};{value};{plain.day(r)}",
                f"{plain.stamp(r)} INFO  [SMS] to {value} delivered",
                f'  "{words}": "{value}",',
            ]
        )
    ]


def merchant(r: Random) -> Lines:
    form, text = r.choice(
        [
            ("merchant", number(r, 15)),
            ("merchant", number(r, 10)),
            ("terminal", number(r, 8)),
            ("terminal", f"T{number(r, 7)}"),
        ]
    )
    words = {
        "merchant": ["Merchant ID", "merchant_id", "MerchantId", "MID", "Merchant Number", "merchantNumber"],
        "terminal": ["Terminal ID", "terminal_id", "TerminalId", "TID", "Terminal ID"],
    }[form]
    if text.startswith("T"):
        words = words[:3]
    return [field(r, r.choice(words), mark("merchant id", form, text))]


def card(r: Random) -> Lines:
    form, text = values.card(r)
    value = mark("card", form, text)
    lane, cents = r.randint(1, 9), f"{r.randint(1, 400)}.{number(r, 2)}"
    return r.choice(
        [
            lambda: [f"{plain.stamp(r)} DEBUG [EFT] request pan={value} amount={cents} lane={lane}"],
            lambda: [f'  "cardNumber": "{value}",'],
            lambda: [f"{plain.stamp(r)} ERROR [EFT] declined {value} reason 51"],
            lambda: [f"  <CardNumber>{value}</CardNumber>"],
            lambda: [f"{r.randint(1000, 9999)},{value},{r.randint(1, 12):02}/{r.randint(26, 32)},{cents}"],
            lambda: [f"card {value} exp {r.randint(1, 12):02}/{r.randint(26, 32)}"],
            lambda: [f"| {r.randint(1, 999):5} | {pad(value, 23)} | {cents:>8} |"],
            lambda: [f"VALUES ({r.randint(1, 999)}, '{value}', {cents});"],
            lambda: [f"CARD NO  : {value}", f"AMOUNT   : EUR {cents}", f"APPR     : {number(r, 6)}"],
            lambda: [field(r, r.choice(["PAN", "card_number", "Card number", "account"]), value)],
            lambda: [
                f"GET /pay?amount={cents.replace('.', '')}&card={value.replace(' ', '+') if ' ' not in text else value}&lane={lane} HTTP/1.1"
            ],
            lambda: [f"{plain.stamp(r)} TRACE [EMV] 5A {value}"],
            lambda: [f"{r.randint(1, 999)}\t{value}\t{plain.day(r)}"],
            lambda: [f"2|{value}|{r.randint(1, 12):02}{r.randint(26, 32)}|{cents}|A"],
        ]
    )()


def card_auth(r: Random) -> Lines:
    if r.random() < 0.4:
        form, text = values.track(r)
        return [f"{plain.stamp(r)} TRACE [MSR] {r.choice(['swipe ', 'data=', ''])}{mark('card', form, text)}"]
    form, word, text = r.choice(
        [
            ("cvv", r.choice(["cvv", "CVV2", "cvc", "Security code", "card_cvv"]), number(r, 3)),
            ("pin", r.choice(["PIN", "pin_code", "pin"]), number(r, 4)),
            ("pin block", r.choice(["PIN block", "pin_block", "pinBlock"]), some(r, 16, "0123456789ABCDEF")),
        ]
    )
    value = mark("card auth", form, text)
    return [
        r.choice(
            [
                f"{word}: {value}",
                f"{word}={value}",
                f'  "{word}": "{value}",',
                f"<{word.replace(' ', '')}>{value}</{word.replace(' ', '')}>",
            ]
        )
    ]


# -- credentials -----------------------------------------------------------------------------------


def token(r: Random) -> Lines:
    form = r.choice(list(values.TOKENS))
    value = mark("secret", form, values.TOKENS[form](r))
    name = {"new relic": "NEW_RELIC", "azure client secret": "AZURE_CLIENT"}.get(form, form.split()[0].upper())
    return r.choice(
        [
            lambda: [f"export {name}_TOKEN={value}"],
            lambda: [f'  "{name.lower()}_token": "{value}",'],
            lambda: [f"{name.lower()}.key = {value}"],
            lambda: [f"{plain.stamp(r)} DEBUG [Http] > X-Api-Key: {value}"],
            lambda: [f"- {name}_KEY={value}"],
            lambda: [f"      value: {value}"],
            lambda: [f"{plain.stamp(r)} INFO  [Config] using {value}"],
            lambda: [f"{name.lower()} login --token {value}"],
            lambda: [f"    {name}Key    REG_SZ    {value}"],
        ]
    )()


def named_secret(r: Random) -> Lines:
    """Secrets that have no prefix, with the names that stand before them."""
    place, form, shape = r.choice(
        [
            ("aws_secret_access_key = {}", "aws secret", "aws secret"),
            ("AWS_SECRET_ACCESS_KEY={}", "aws secret", "aws secret"),
            ('    "SecretAccessKey": "{}",', "aws secret", "aws secret"),
            (
                "DefaultEndpointsProtocol=https;AccountName=tillstore;AccountKey={};EndpointSuffix=core.windows.net",
                "azure storage",
                "azure storage",
            ),
            (
                "Endpoint=sb://till.servicebus.windows.net/;SharedAccessKeyName=RootManage;SharedAccessKey={}",
                "azure bus",
                "azure bus",
            ),
            (
                "https://tillstore.blob.core.windows.net/logs?sv=2023-11-03&sr=c&sp=rl&se=2026-12-01&sig={}",
                "sas",
                "sas",
            ),
            ("API_KEY={}", "by name", "hex"),
            ('  "apiKey": "{}",', "by name", "token"),
            ("client_secret: {}", "by name", "token"),
            ("SECRET_KEY = '{}'", "by name", "django"),
            ("x-api-key: {}", "by name", "hex"),
            ("Ocp-Apim-Subscription-Key: {}", "by name", "hex"),
            ("access_token={}", "by name", "token"),
            ('"refresh_token": "{}"', "by name", "token"),
            ("DD_API_KEY={}", "by name", "hex"),
            ("encryption.key = {}", "by name", "hex"),
            ('webhook_secret: "{}"', "by name", "hex"),
            ("Authorization: Bearer {}", "header", "token"),
            ("> Authorization: Basic {}", "header", "token"),
            ("curl -H 'Authorization: token {}' https://api.example.com/", "header", "token"),
            ("Cookie: sessionid={}; theme=dark", "cookie", "hex"),
            ("Set-Cookie: session={}; Path=/; HttpOnly", "cookie", "token"),
        ]
    )
    return [place.format(mark("secret", form, values.secret_shape(r, shape)))]


def aws_pair(r: Random) -> Lines:
    """Both halves, as the credentials file and the clouds' tools show them."""
    key, secret = (
        mark("secret", "aws pair id", values.TOKENS["aws key id"](r)),
        mark("secret", "aws pair secret", values.secret_shape(r, "aws secret")),
    )
    return r.choice(
        [
            ["[default]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"],
            [f"export AWS_ACCESS_KEY_ID={key}", f"export AWS_SECRET_ACCESS_KEY={secret}"],
            [f'    "AccessKeyId": "{key}",', f'    "SecretAccessKey": "{secret}",'],
        ]
    )


def jwt(r: Random) -> Lines:
    value = mark("jwt", "jwt", values.jwt(r))
    return [
        r.choice(
            [
                f"Authorization: Bearer {value}",
                f'  "id_token": "{value}",',
                f"token={value}",
                f"{plain.stamp(r)} DEBUG [Auth] got {value}",
                f"Cookie: auth={value}; Path=/",
                f"ws://127.0.0.1/socket?jwt={value}".replace("127.0.0.1", "till.example.com"),
            ]
        )
    ]


def private_key(r: Random) -> Lines:
    form, text = values.private_key(r)
    style = r.choice(["cat", "cat", "yaml", "json"])
    if style == "yaml":
        rows = [f"    {row}" for row in text.splitlines()]
        return ["data:", "  tls.key: |", mark("private key", form, "\n".join(rows))]
    if style == "json":
        return ['  "private_key": "' + mark("private key", form, text.replace("\n", "\\n") + "\\n") + '",']
    return [f"$ cat /etc/ssl/private/{r.choice(plain.HOSTS)}.key", mark("private key", form, text)]


def url(r: Random) -> Lines:
    scheme, port = r.choice(
        [
            ("postgres", 5432),
            ("postgresql", 5432),
            ("mysql", 3306),
            ("mongodb", 27017),
            ("amqp", 5672),
            ("https", 443),
            ("ftp", 21),
            ("redis", 6379),
            ("sftp", 22),
            ("rediss", 6379),
        ]
    )
    user = "" if scheme.startswith("redis") and r.random() < 0.5 else r.choice(["app", "till", "svc_pos", "root"])
    whole = f"{scheme}://{user}:{mark('url password', scheme, values.password(r))}@{r.choice(plain.HOSTS)}.pos.internal:{port}/shop"
    return [
        r.choice(
            [
                f"DATABASE_URL={whole}",
                f"{plain.stamp(r)} ERROR [Db] cannot connect to {whole}: timeout",
                f'  "url": "{whole}",',
                f"connecting to {whole} ...",
                f"remote: {whole}",
            ]
        )
    ]


def cloned(r: Random) -> Lines:
    return [
        f"origin  https://ci:{mark('url password', 'https', values.TOKENS['gitlab'](r))}@git.pos.internal/till/till.git (fetch)"
    ]


def connection(r: Random) -> Lines:
    form, place = r.choice(
        [
            ("sql server", "Server=sql01,1433;Database=pos;User Id=sa;Password={};Encrypt=true;"),
            ("sql server", "Data Source=sql01;Initial Catalog=pos;Uid=till;Pwd={};"),
            ("odbc", "DRIVER={{ODBC Driver 17 for SQL Server}};SERVER=sql01;UID=till;PWD={}"),
            ("jdbc", "jdbc:sqlserver://sql01:1433;databaseName=pos;user=sa;password={};"),
            ("jdbc", "jdbc:mysql://db1/shop?user=till&password={}&useSSL=false"),
            ("jdbc oracle", "jdbc:oracle:thin:till/{}@//db1:1521/SHOP"),
            ("libpq", "host=db1 port=5432 user=till password={} dbname=shop"),
            (
                "ado xml",
                '<add name="Pos" connectionString="Server=sql01;Database=pos;User ID=till;Password={};" providerName="System.Data.SqlClient" />',
            ),
            ("mysql net", "server=db1;uid=till;pwd={};database=shop"),
            ("redis options", "redis1.pos.internal:6380,password={},ssl=True,abortConnect=False"),
        ]
    )
    return [
        r.choice(["", "", "ConnectionString=", "  ConnectionStrings__Pos: "])
        + place.format(mark("password", f"connection {form}", values.password(r)))
    ]


COMMANDS = {
    "mysql -p": "mysql -u root -p{} shop",
    "mysqldump -p": "mysqldump -h db1 -utill -p{} shop",
    "mysqladmin": "mysqladmin -u root --password={} status",
    "net user": "net user till {} /add",
    "net use": r"net use Z: \\srv-dc1\share {} /user:CORP\till",
    "net use user first": r"net use \\srv-dc1\ipc$ /user:CORP\till {}",
    "psexec": r"psexec \\pos07 -u CORP\admin -p {} cmd /c ver",
    "sshpass": "sshpass -p {} ssh till@pos07",
    "sshpass quoted": "sshpass -p '{}' scp x.zip till@pos07:/tmp",
    "curl -u": "curl -s -u till:{} https://api.pos.internal/v1/status",
    "curl --user": "curl --user till:{} https://api.pos.internal/",
    "wget": "wget --user=till --password={} https://files.pos.internal/x.zip",
    "wget http": "wget --http-user=till --http-password={} https://files.pos.internal/x",
    "docker login": "docker login -u till -p {} registry.pos.internal",
    "docker login long": "docker login --username till --password {} registry.pos.internal",
    "az login": f"az login -u {mark('email', 'active directory', 'till@corp.local')} -p {{}}",
    "az service principal": "az login --service-principal -u 3f2a -p {} --tenant 77aa",
    "plink": "plink -ssh till@pos07 -pw {} uptime",
    "pscp": "pscp -pw {} x.zip till@pos07:/tmp",
    "xfreerdp": "xfreerdp /u:till /p:{} /v:pos07",
    "schtasks": r"schtasks /create /tn sync /tr sync.cmd /sc daily /ru CORP\till /rp {}",
    "sc config": r"sc config TillAgent obj= CORP\till password= {}",
    "cmdkey": r"cmdkey /add:srv-dc1 /user:CORP\till /pass:{}",
    "wmic": r"wmic /node:pos07 /user:CORP\till /password:{} os get caption",
    "winrs": r"winrs -r:pos07 -u:CORP\till -p:{} hostname",
    "sqlcmd": 'sqlcmd -S sql01 -U sa -P {} -Q "select 1"',
    "bcp": "bcp pos.dbo.sales out s.csv -S sql01 -U sa -P {} -c",
    "sqlplus": "sqlplus till/{}@SHOP",
    "psql": 'psql "host=db1 user=till password={} dbname=shop"',
    "pgpassword": "PGPASSWORD={} pg_dump -h db1 -U till shop",
    "mongo": "mongosh mongodb1 -u till -p {} --authenticationDatabase admin",
    "redis-cli": "redis-cli -h redis1 -a {} ping",
    "ldapsearch": "ldapsearch -x -D cn=till,dc=corp -w {} -b dc=corp",
    "smbclient": r"smbclient //srv-dc1/share -U till%{} -c ls",
    "mount cifs": "mount -t cifs //srv-dc1/share /mnt -o username=till,password={},vers=3.0",
    "rpcclient": "rpcclient -U 'till%{}' srv-dc1",
    "openssl pass": "openssl rsa -in a.key -passin pass:{} -out b.key",
    "openssl pkcs12": "openssl pkcs12 -in a.pfx -nodes -password pass:{}",
    "keytool": "keytool -list -keystore till.jks -storepass {}",
    "signtool": "signtool sign /f till.pfx /p {} /fd sha256 till.exe",
    "certutil": "certutil -f -p {} -importpfx till.pfx",
    "zip": "zip -P {} x.zip x.log",
    "7z": "7z a -p{} x.7z logs",
    "rar": "rar a -hp{} x.rar logs",
    "htpasswd": "htpasswd -bc .htpasswd till {}",
    "chpasswd": "echo 'till:{}' | chpasswd",
    "passwd stdin": "echo {} | passwd --stdin till",
    "rabbitmqctl": "rabbitmqctl add_user till {}",
    "rabbitmqctl change": "rabbitmqctl change_password till {}",
    "mosquitto": "mosquitto_pub -h mq1 -u till -P {} -t sale -m 1",
    "ipmitool": "ipmitool -I lanplus -H bmc1 -U ADMIN -P {} power status",
    "snmp": "snmpget -v3 -u till -l authPriv -a SHA -A {} -x AES -X same bmc1 sysName.0",
    "vncpasswd": "x11vnc -passwd {} -display :0",
    "kubectl literal": "kubectl create secret generic db --from-literal=password={}",
    "helm set": "helm install till ./till --set db.password={}",
    "ansible": "ansible-playbook site.yml -e ansible_password={}",
    "ansible become": "ansible-playbook site.yml -e ansible_become_pass={}",
    "powershell securestring": "$s = ConvertTo-SecureString '{}' -AsPlainText -Force",
    "powershell string": '$p = ConvertTo-SecureString -String "{}" -AsPlainText -Force',
    "powershell parameter": "New-LocalUser till -Password {} -FullName Till",
    "powershell credential": "$password = '{}'",
    "netdom": r"netdom join pos07 /domain:corp /userd:CORP\till /passwordd:{}",
    "rclone": "rclone config create nas webdav user till pass {}",
    "lftp": "lftp -u till,{} ftp.pos.internal",
    "nmcli": "nmcli dev wifi connect TillNet password {}",
    "wpa_passphrase": "wpa_passphrase TillNet {}",
    "wpa_cli": 'network={{ ssid="TillNet" psk="{}" }}',
    "netsh wlan": "    Key Content            : {}",
    "git credential": "password={}",
    "sudo -S": "echo {} | sudo -S systemctl restart till",
    "expect": "expect -c 'spawn ssh till@pos07; expect assword: ; send \"{}\\r\"'",
    "sql identified": "CREATE USER till IDENTIFIED BY '{}';",
    "sql alter login": "ALTER LOGIN sa WITH PASSWORD = '{}';",
    "sql postgres": "ALTER ROLE till WITH PASSWORD '{}';",
    "sql set password": "SET PASSWORD FOR 'till'@'%' = '{}';",
    "sp_addlogin": "EXEC sp_addlogin 'till', '{}';",
    "vault kv": "vault kv put secret/till password={}",
    "aws iam": "aws iam create-login-profile --user-name till --password {}",
    "gcloud": "gcloud sql users set-password till --instance=shop --password={}",
    "java system property": "java -Djavax.net.ssl.keyStorePassword={} -jar till.jar",
    "java property": "java -Dspring.datasource.password={} -jar till.jar",
    "tomcat": '<user username="till" password="{}" roles="manager-gui"/>',
    "mvn": "mvn deploy -Dgpg.passphrase={}",
    "gpg": "gpg --batch --passphrase {} -d x.gpg",
    "borg": "export BORG_PASSPHRASE={}",
    "restic": "RESTIC_PASSWORD={} restic backup /data",
    "teamviewer": "TeamViewer.exe -i 123456789 --Password {}",
    "winscp": "open sftp://till@pos07 -password={}",
    "msbuild": "msdeploy -verb:sync -dest:auto,userName=till,password={}",
    "cisco": "username till privilege 15 password 0 {}",
    "cisco secret": "enable secret 0 {}",
    "cisco enable": "enable password {}",
}


def command(r: Random) -> Lines:
    form = r.choice(list(COMMANDS))
    text = COMMANDS[form].format(mark("password", form, values.password(r)))
    if form in ("netsh wlan", "tomcat", "wpa_cli") or form.startswith(("sql", "sp_", "cisco", "git")):
        return [text]
    user = r.choice(["till", "root", "svc_pos"])
    return [
        r.choice(
            [
                "$ {}",
                "C:\\Till> {}",
                "PS C:\\> {}",
                "{}",
                "+ {}",
                f"  {r.randint(1, 999)}  {{}}",
                f"{user} {r.randint(100, 99999)} 0.0 0.1 ? S 10:02 0:00 {{}}",
                f"{plain.syslog(r)} sudo: till : TTY=pts/0 ; PWD=/home/till ; USER=root ; COMMAND=/usr/bin/{{}}",
            ]
        ).replace("{}", text)
    ]


CONFIG = {
    "ini": ["[database]", "host = db1", "user = till", "password = {}"],
    "ini quoted": ["[smtp]", "user = till", 'password = "{}"'],
    "properties": ["spring.datasource.username=till", "spring.datasource.password={}"],
    "yaml": ["database:", "  user: till", "  password: {}"],
    "yaml quoted": ["redis:", "  password: '{}'"],
    "json": ['{{ "user": "till",', '  "password": "{}"', "}}"],
    "json one line": ['{{"user":"till","password":"{}","ssl":true}}'],
    "json escaped": ['{{\\"user\\":\\"till\\",\\"password\\":\\"{}\\"}}'],
    "env": ["DB_USER=till", "DB_PASSWORD={}"],
    "env pass": ["SMTP_USER=till", "SMTP_PASS={}"],
    "env pwd": ["SQL_USER=sa", "SQL_PWD={}"],
    "xml": ["<credentials>", "  <password>{}</password>", "</credentials>"],
    "xml attribute": ['<smtp host="mail" userName="till" password="{}" />'],
    "xml key value": ['<add key="DbPassword" value="{}" />'],
    "toml": ["[db]", 'password = "{}"'],
    "registry": ["    DefaultUserName    REG_SZ    till", "    DefaultPassword    REG_SZ    {}"],
    "registry powershell": ["DefaultUserName : till", "DefaultPassword : {}"],
    "unattend": [
        "<AutoLogon>",
        "  <Password>",
        "    <Value>{}</Value>",
        "    <PlainText>true</PlainText>",
        "  </Password>",
    ],
    "my.cnf": ["[client]", "user=root", "password={}"],
    "netrc": ["machine ftp.pos.internal login till password {}"],
    "pgpass": ["db1:5432:shop:till:{}"],
    "docker compose": ["    environment:", "      POSTGRES_PASSWORD: {}"],
    "docker inspect": ['            "Env": [', '                "MYSQL_ROOT_PASSWORD={}",'],
    "kubectl describe": ["    Environment:", "      DB_PASSWORD:  {}"],
    "terraform": ['  admin_password = "{}"'],
    "php": ["$config['db_pass'] = '{}';"],
    "wordpress": ["define( 'DB_PASSWORD', '{}' );"],
    "python": ["PASSWORD = '{}'"],
    "django": ["        'PASSWORD': '{}',"],
    "csharp": ['var password = "{}";'],
    "fstab": ["//srv/share /mnt cifs username=till,password={},uid=1000 0 0"],
    "vnc ini": ["[ultravnc]", "passwd={}"],
    "log": ["2026-03-01 10:00:01,123 DEBUG [Login] user=till password={} result=ok"],
    "log colon": ["2026-03-01 10:00:01,123 DEBUG [Login] Password: {}"],
    "prose": ["The new password is {}"],
    "prose for": ["password for till: {}"],
    "german": ["Passwort: {}"],
    "german key": ["Kennwort = {}"],
    "french": ["mot de passe : {}"],
    "passcode": ["Passcode: {}"],
    "form body": ["username=till&password={}&remember=1"],
    "query": ["GET /login?user=till&pwd={}&x=1 HTTP/1.1"],
    "group policy": ['<Properties userName="till" cpassword="{}" />'],
    "wifi psk": ['ssid="TillNet"', 'psk="{}"'],
    "wlan xml": ["<keyMaterial>{}</keyMaterial>"],
    "go struct": ['config.Auth{{User:"till", Password:"{}"}}'],
    "ruby hash": ['{{:user=>"till", :password=>"{}"}}'],
    "python dict": ["{{'user': 'till', 'password': '{}'}}"],
    "java map": ["{{user=till, password={}}}"],
    "csv header": ["username,password", "till,{}"],
    "psql expanded": ["username | till", "password | {}"],
    "filezilla": ["<Pass>{}</Pass>"],
}

# Forms in which a password is assigned to a name.
ASSIGNED = {f"config {form}" for form in CONFIG} | {
    "connection sql server",
    "connection odbc",
    "connection jdbc",
    "connection libpq",
    "connection ado xml",
    "connection mysql net",
    "connection redis options",
}


def config(r: Random) -> Lines:
    form = r.choice(list(CONFIG))
    value = mark("password", f"config {form}", values.password(r))
    return [line.format(value) for line in CONFIG[form]]


def shadow(r: Random) -> Lines:
    form, text = values.crypt(r)
    return [
        f"{r.choice(['root', 'till', 'www-data'])}:{mark('password', form, text)}"
        + ("" if "apr1" in text else ":19800:0:99999:7:::")
    ]


NAMED = [named("national id", values.NATIONAL)] * 4 + [
    named("health id", values.HEALTH),
    named("document id", values.DOCUMENT),
]
BLOCKS = (
    [card] * 8
    + [email] * 3
    + [phone] * 4
    + [command] * 6
    + [config] * 5
    + [token] * 5
    + [
        connection,
        url,
        url,
        cloned,
        shadow,
        named_secret,
        named_secret,
        aws_pair,
        jwt,
        private_key,
        card_auth,
        card_auth,
        merchant,
        merchant,
        ssn,
        ssn,
        iban,
        iban,
    ]
    + NAMED
)


def sensitive(r: Random) -> Lines:
    """A few values among the output of a program that has nothing to do with them."""
    out: Lines = []
    for line in r.choice([plain.till_log, plain.journal, plain.ini_plain])(r)[: r.randint(2, 6)]:
        out.append(line)
        if r.random() < 0.6:
            out += r.choice(BLOCKS)(r)
    return out


def make(seed: int, lines: int, out: Path) -> None:
    r = Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.log"):
        old.unlink()
    labels, done, name = [], 0, 0
    while done < lines:
        text: Lines = []
        while len(text) < FILE_LINES and done + len(text) < lines:
            block = (
                sensitive(r)
                if r.randrange(ORDINARY)
                else [f"$ {r.choice(['', 'sudo '])}show", *r.choice(plain.BLOCKS)(r)]
            )
            text += "\n".join(block).split("\n")
        file = f"console-{name:03}.log"
        data, found = unmark(file, "\n".join(text) + "\n")
        (out / file).write_bytes(data)
        labels += found
        done, name = done + len(text), name + 1
    with open(out / "labels.jsonl", "w", encoding="utf-8") as out_labels:
        out_labels.writelines(json.dumps(asdict(label)) + "\n" for label in labels)
    kinds = {label.kind for label in labels} - {NEUTRAL}
    print(
        f"{out}: {done} lines in {name} files, {sum(label.kind != NEUTRAL for label in labels)} values of {len(kinds)} kinds"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--lines", type=int, default=20_000)
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    make(given.seed, given.lines, given.out)


if __name__ == "__main__":
    main()
