# launch.sh HOLD WORK COMMAND…: takes the master key (first line) and the server's private key (the rest) from its input, puts them into
# files of memory that only this command sees, and becomes the command. Called confined, with no rights left.
set -eu
umask 077
hold=$1
work=$2
shift 2
mkdir "$hold"
IFS= read -r key
printf '%s\n' "$key" >"$hold/master.key"
unset key
cat >"$hold/server.key"
cd "$work"
exec "$@" </dev/null
