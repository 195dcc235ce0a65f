#!/bin/sh
# A service as an operator would have it: one child process that holds a session on the database its env file names.
set -u
dir=$(dirname "$0")
runs() { grep -q '^State:[[:space:]]*[RSD]' "/proc/$(cat "$dir/pid" 2>/dev/null)/status" 2>/dev/null; }
field() { printf '%s' "$ConnectionStrings__Ampora" | tr ';' '\n' | sed -n "s/^$1=//p"; }
case $1 in
start)
    echo start >> "$dir/starts"
    . "$dir/ampora.env"
    if test -e "$dir/no-start"; then
        echo "cannot start with $ConnectionStrings__Ampora" >&2
        exit 1
    fi
    PGHOST=$(field Host) PGPORT=$(field Port) PGUSER=$(field Username) PGDATABASE=$(field Database) \
        setsid sh -c 'echo $$ >> "$1/begun"; exec "$1/psql" -qXAt' sh "$dir" <> "$dir/input" > "$dir/output" 2>&1 &
    echo $! > "$dir/pid"
    # Whoever called this may end its process group: not before the child has one of its own.
    while kill -0 $! && [ "$(ps -o sid= -p $! | tr -d ' ')" != $! ]; do sleep 0.05; done
    ;;
stop)
    if test -e "$dir/no-stop"; then
        echo "cannot stop $(cat "$dir/ampora.env")" >&2
        exit 1
    fi
    test -e "$dir/stays" && exit 0
    runs && kill "$(cat "$dir/pid")"
    while runs; do sleep 0.1; done
    ;;
status) runs ;;
esac
