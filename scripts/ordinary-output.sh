#!/usr/bin/env bash
# Prints console output that holds nothing sensitive, from what any Debian machine has: the text on which false positives of
# redaction are measured. A frozen sample of it is crates/redact/tests/corpus/ordinary.br; run
#
#   scripts/ordinary-output.sh | cargo run --package countersign -- redact --findings found.jsonl >/dev/null
#
# to measure on the machine at hand. Deliberately absent: the environment, people's names, addresses of this machine.
set -u
show() { echo "\$ $*"; "$@" 2>&1; }
manual() { MANWIDTH=100 man "$1" 2>/dev/null | col -b; }

show dpkg -l
show ps axo pid,ppid,pcpu,pmem,vsz,rss,stat,start,time,comm
show ls -lR --time-style=full-iso /usr/share/doc | head -n 2500
show ls -liR /etc | head -n 1500
show find /usr/lib -type f -printf '%i %s %TY-%Tm-%Td %TH:%TM:%TS %p\n' | head -n 2000
show df -k
show mount
show cat /proc/meminfo /proc/cpuinfo /proc/interrupts /proc/vmstat /proc/diskstats /proc/stat
show cat /proc/self/maps /proc/self/status /proc/self/limits
show sh -c 'cat /var/log/dpkg.log* | grep -v gz | head -n 2500'
show sh -c 'grep -v Maintainer: /var/lib/dpkg/status | head -n 1500'
for program in systemctl journalctl apt-get apt-cache openssl git cargo rustc gcc curl ssh tar find ps ip mount; do
    show "$program" --help | head -n 150
done
for topic in openssl-enc openssl-req passwd systemctl useradd crontab ssh_config sudoers mount proc bash tar find; do
    manual "$topic" | head -n 700
done
show sh -c 'xxd /bin/ls | head -n 1200'
show sh -c 'od -A d -t x1z /bin/cat | head -n 600'
show sh -c 'sha256sum /usr/bin/* | head -n 400'
show sh -c 'md5sum /usr/lib/x86_64-linux-gnu/*.so* | head -n 300'
show sh -c 'readelf -h -S /bin/ls; objdump -d /bin/true | head -n 400; nm -D /usr/lib/x86_64-linux-gnu/libc.so.6 | head -n 500'
show git log --stat -n 60 --date=iso --format='%h %ad %s'
show cargo metadata --format-version 1 --no-deps --offline | tr ',' '\n' | head -n 1500
show sh -c 'vmstat 1 3; seq -f "%.0f" 100000 137 160000 | paste -sd" \n" | head -n 200'
show sh -c 'for i in $(seq 1 300); do date -u -d "@$((1700000000 + i * 7919))" "+%F %T.%3N %s%N id=$i ok"; done'
