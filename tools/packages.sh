# Debian packages that building and testing need, and the way to install them. Sourced by quickstart and check.
build_packages='gcc libc6-dev make autoconf automake pkg-config libncurses-dev libsqlite3-dev libcurl4-openssl-dev libjansson-dev libpcre2-dev
	libsodium-dev libutf8proc-dev libzstd-dev libsnappy-dev zlib1g-dev libyaml-dev libpng-dev libmd4c-dev libpq-dev'
test_packages='clang libclang-rt-14-dev llvm procps libcmocka-dev tmux sqlite3 binutils xz-utils util-linux man-db zsh fish python3 python3-venv python3-pip ca-certificates git
	postgresql'

# missing_packages NAME...: those that are not installed, one line.
missing_packages() {
	for p in "$@"; do
		case $(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null) in ii*) ;; *) printf '%s ' "$p" ;; esac
	done
}

# install_packages LOG NAME...: installs what is missing; false, with words on standard error, when that cannot be done.
install_packages() {
	log=$1; shift
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		echo "no Debian package tools here: install by hand what corresponds to: $*" >&2
		return 1
	fi
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "as root, run: apt-get install $missing" >&2; return 1; }
		as_root=sudo
	fi
	echo "installing: $missing" >&2
	{
		$as_root apt-get update &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
	} >"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; return 1; }
}
