# confine.sh VIEW [loopback] {ro|rw PATH}… -- COMMAND…: runs a command in a file system that holds these paths, the system's programs and nothing
# else. Called inside new namespaces, so nothing of this is seen outside or outlives the command.
set -eu
view=$1
shift
mount -t tmpfs -o mode=0755,size=16m none "$view"
if [ "$1" = loopback ]; then
    ip link set lo up
    shift
fi

show() {
    if [ -d "$2" ]; then
        mkdir -p "$view$2"
    else
        mkdir -p "$view$(dirname "$2")"
        : >"$view$2"
    fi
    mount --rbind "$2" "$view$2"
    [ "$1" = rw ] || mount -o remount,bind,ro "$view$2"
}

show ro /usr
for link in /bin /sbin /lib /lib32 /lib64; do
    if [ -L "$link" ]; then
        ln -s "$(readlink "$link")" "$view$link"
    elif [ -d "$link" ]; then
        show ro "$link"
    fi
done
for file in /etc/passwd /etc/group /etc/ld.so.cache /etc/localtime /etc/alternatives; do
    [ ! -e "$file" ] || show ro "$file"
done
for device in null zero urandom random; do show rw "/dev/$device"; done
mkdir -p "$view/proc" "$view/tmp" "$view/dev/shm" "$view/outside"
mount -t proc proc "$view/proc"
mount -t tmpfs -o mode=1777,size=1g none "$view/dev/shm"
while [ "$1" != -- ]; do
    show "$1" "$2"
    shift 2
done
shift
cd "$view"
pivot_root . outside
umount -l /outside
rmdir /outside
mount -o remount,bind,ro /
exec "$@"
