# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # names shared with the other files
# What the lab needs of the host: programs, the package mirror, the accelerator, the toolchain.

# need PROGRAM=PACKAGE...: installs the packages whose program is missing.
need() {
	local pair missing=() lock
	find_missing "$@"
	((${#missing[@]})) || return 0
	# Several labs may begin at the same time; apt-get does not wait for another one's lists.
	mkdir -p "$cache"
	exec {lock}>"$cache/packages.lock"
	flock "$lock"
	missing=()
	find_missing "$@"
	((${#missing[@]} == 0)) || install_missing
	exec {lock}>&-
}

find_missing() { # PROGRAM=PACKAGE...
	for pair in "$@"; do
		command -v "${pair%%=*}" >/dev/null || [[ -x /usr/sbin/${pair%%=*} ]] || missing+=("${pair#*=}")
	done
}

install_missing() {
	command -v apt-get >/dev/null || fail "missing on this host: ${missing[*]} (and there is no apt-get)"
	say "installing ${missing[*]}"
	local install=(apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}")
	as_root "${install[@]}" </dev/null >&2 || {
		as_root apt-get -q update </dev/null >&2 && as_root "${install[@]}" </dev/null >&2
	} || fail "could not install: ${missing[*]}"
}

as_root() {
	if ((EUID == 0)); then
		DEBIAN_FRONTEND=noninteractive "$@"
	else
		command -v sudo >/dev/null || fail "not root, and sudo is missing: cannot run $1"
		sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

# make_once DIR LOCK COMMAND...: unless DIR is there, COMMAND makes it, whose last argument it is. One maker at a time;
# DIR appears only when it is whole.
make_once() {
	local lock code=0
	[[ ! -d $1 ]] || return 0
	exec {lock}>"$2"
	flock "$lock"
	[[ -d $1 ]] || "${@:3}" "$1" || code=$?
	exec {lock}>&-
	return "$code"
}

# The Debian mirror that this host's own apt uses.
mirror() {
	if [[ -n ${STILLPOINT_LAB_MIRROR:-} ]]; then
		echo "$STILLPOINT_LAB_MIRROR"
		return
	fi
	local uri try
	for try in 1 2; do
		# shellcheck disable=SC2016 # the format is apt's
		uri=$(apt-get indextargets --format '$(REPO_URI)' \
			'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1)
		if [[ -n $uri ]]; then
			echo "$uri"
			return
		fi
		((try == 2)) || as_root apt-get -q update </dev/null >&2 || true
	done
	fail "this host's apt has no Debian mirror: set STILLPOINT_LAB_MIRROR to one"
}

# The host's apt settings that decide how a mirror is reached, as mmdebstrap options, one a line.
apt_settings() {
	apt-config dump | sed -nE \
		's/^(Acquire::(https?::Proxy[^ ]*|Check-Valid-Until|Check-Date|Retries) "[^"]+";)$/--aptopt=\1/Ip'
}

# KVM only where the processor shows it: a /dev/kvm alone can open and still hang a guest.
accelerator() {
	if [[ -n ${STILLPOINT_LAB_ACCEL:-} ]]; then
		echo "$STILLPOINT_LAB_ACCEL"
	elif grep -qwE 'vmx|svm' /proc/cpuinfo && [[ -r /dev/kvm && -w /dev/kvm ]]; then
		echo kvm
	else
		echo tcg
	fi
}

# The frequency of the host's time stamp counter, measured once after each start of the host. Prints
# nothing where there is no C compiler; the guest then measures it.
tsc_khz() {
	local boot file compiler
	boot=$(</proc/sys/kernel/random/boot_id)
	file=$cache/tsc-$boot
	if [[ ! -s $file ]]; then
		compiler=$(command -v clang || command -v cc) || return 0
		"$compiler" -O2 -o "$run/tsc" "$here/tsc.c" && "$run/tsc" >"$run/tsc-khz" || return 0
		# Of earlier starts; another lab may be doing the same.
		find "$cache" -maxdepth 1 -name 'tsc-*' ! -name "${file##*/}" -delete
		mv "$run/tsc-khz" "$file"
	fi
	cat "$file"
}

# The folder of the Swift toolchain that programs built here load their libraries from.
# Prints nothing where there is no Swift.
toolchain() {
	local swift root
	swift=$(command -v swift) || return 0
	root=$(dirname "$(dirname "$(readlink -f "$swift")")")
	# A toolchain unpacked into /usr cannot be mounted over the guest's own /usr.
	case $root in
		/usr | /usr/local | /) echo "${root%/}/lib/swift" ;;
		*) echo "$root" ;;
	esac
}
