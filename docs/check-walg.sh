#!/bin/sh
# Compares a real wal-g with what Muster expects of one. Muster's reading of wal-g was written from wal-g's own source and documentation;
# this runs the three commands that it calls, looks for the fields that it reads, and lets Muster read the same storage. Nothing is written
# but a temporary folder; wal-verify asks the database, and needs one that runs.
#
# usage: check-walg.sh [COMMAND [ARGUMENT…]]    wal-g as it would stand in `command`, such as: wal-g --config /etc/wal-g.json
#        MUSTER=/path/to/muster                 which muster reads; without it the one on the search path, if there is one
#
# exit status: 0 everything agrees, 1 something doesn't, 2 nothing could be checked
set -u

[ $# -gt 0 ] || set -- wal-g
if ! command -v "$1" >/dev/null 2>&1; then
    echo "There is no $1 on this machine. Nothing was checked."
    exit 2
fi
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
differences=0

differs() {
    echo "  DIFFERS: $*"
    differences=$((differences + 1))
}

# Runs wal-g with the words of the first argument; what it prints goes to files named after the second.
ask() {
    words=$1 name=$2
    shift 2
    # shellcheck disable=SC2086 # the words are several arguments
    "$@" $words >"$folder/$name.out" 2>"$folder/$name.err"
    status=$?
    echo
    echo "wal-g $words: exit status $status, $(wc -c <"$folder/$name.out") bytes"
    [ $status -eq 0 ] || tail -n 3 "$folder/$name.err" | sed 's/^/  it said: /'
    return $status
}

# Looks for fields in an answer.
fields() {
    name=$1
    shift
    for field in "$@"; do
        if grep -q "\"$field\" *:" "$folder/$name.out"; then
            echo "  $field is there"
        else
            differs "no field $field"
        fi
    done
}

is_empty() {
    tr -d '[:space:]' <"$folder/$1.out" | grep -Eq '^(\[\]|null|)$'
}

echo "$("$@" --version 2>&1 | head -n 1)"

listed=0
if ask "backup-list --detail --json" backups "$@"; then
    if is_empty backups; then
        echo "  no backups, so no fields to look for"
    else
        listed=$(grep -o '"backup_name" *:' "$folder/backups.out" | wc -l)
        echo "  $listed backups"
        fields backups backup_name start_time finish_time date_fmt start_lsn finish_lsn is_permanent system_identifier \
            uncompressed_size compressed_size
    fi
else
    differs "the backups could not be listed"
fi

if ask "wal-show --detailed-json" wal "$@"; then
    if is_empty wal; then
        echo "  no WAL, so no fields to look for"
    else
        fields wal id parent_id switch_point_lsn start_segment end_segment segments_count missing_segments segment_range_size status
        grep -Eo '"status" *: *"[^"]*"' "$folder/wal.out" | sort | uniq -c
        if grep -Eo '"status" *: *"[^"]*"' "$folder/wal.out" | grep -Evq '"(OK|LOST_SEGMENTS)"$'; then
            differs "a timeline has a status that Muster doesn’t know"
        fi
    fi
else
    differs "the WAL could not be shown"
fi

if ask "wal-verify integrity timeline --json" verify "$@"; then
    fields verify integrity timeline status details
    if grep -Eo '"status" *: *"[^"]*"' "$folder/verify.out" \
        | grep -Evq '"(OK|WARNING|FAILURE|FOUND|MISSING_(DELAYED|UPLOADING|LOST))"$'; then
        differs "wal-verify has a status that Muster doesn’t know"
    fi
else
    echo "  Muster notes that and goes on; run this where the database is within reach to check wal-verify, too"
fi

echo
muster=${MUSTER:-$(command -v muster)}
if [ -z "$muster" ]; then
    echo "There is no muster on the search path, and MUSTER names none: Muster’s own reading was not checked."
else
    command=
    for word in "$@"; do
        command="$command\"$(printf '%s' "$word" | sed 's/[\\"]/\\&/g')\", "
    done
    cat >"$folder/muster.toml" <<TOML
[[deployment]]
name = "check"
[[deployment.source]]
kind = "walg"
name = "walg"
command = [${command%, }]
TOML
    "$muster" --config "$folder/muster.toml" --json inventory >"$folder/inventory.json" 2>"$folder/muster.err"
    read=$(grep -Eo '"tool" *: *"wal-g"' "$folder/inventory.json" | wc -l)
    echo "Muster read $read of $listed backups and says of the source:"
    tr '{' '\n' <"$folder/inventory.json" | grep -E '"kind" *: *"walg"' | grep -Eo '"(status|detail)" *: *"[^"]*"' | sed 's/^/  /'
    if [ "$read" -ne "$listed" ]; then
        differs "Muster read $read backups, wal-g listed $listed"
        tail -n 3 "$folder/muster.err"
    fi
fi

echo
if [ $differences -eq 0 ]; then
    echo "What was checked agrees with what Muster expects."
else
    echo "$differences differences. Muster reports what it can’t read as unknown; please report the version and the lines above."
    exit 1
fi
