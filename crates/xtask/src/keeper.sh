# Keeps one throw-away PostgreSQL in the folder $1, with the programs of $2, until standard input closes. That happens on
# every way out of its parent, kill -9 included; then nothing is left behind.
trap '' INT TERM HUP
folder=$1
export LC_ALL=C
if "$2/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 --no-sync >"$folder/log" 2>&1; then
  "$2/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c full_page_writes=off >>"$folder/log" 2>&1 &
  : >"$folder/started"
  cat >/dev/null
  kill -INT $! 2>/dev/null
  wait
else
  cat "$folder/log" >&2
fi
rm -rf "$folder"
