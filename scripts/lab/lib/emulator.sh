# shellcheck shell=bash
# shellcheck disable=SC2154 # names shared with the other files
# Which QEMU the guests run in. QEMU 10 emulates the guests 1.6 times as fast as the 7.2 of Debian 12 does: where
# the host's is older and there is no KVM, the lab has one of its own, unpacked below the cache and not installed.

# The first release that is as fast.
fast_release=10

# Sets "emulator" to the words of the command.
find_emulator() {
	emulator=(qemu-system-x86_64)
	if [[ $(accelerator) != kvm ]] && ! is_fast && ensure_emulator; then
		use_emulator "$(emulator_dir)"
	else
		need qemu-system-x86_64=qemu-system-x86
	fi
}

is_fast() {
	local release
	release=$(qemu-system-x86_64 --version 2>/dev/null | sed -nE '1s/^.* version ([0-9]+)\..*$/\1/p')
	((${release:-0} >= fast_release))
}

# Its name has a hash of how it was made; that it is QEMU is what "lab cut" goes by.
emulator_dir() {
	echo "$cache/qemu-$(declare -f unpack_emulator use_emulator bootstrap | sha256sum | cut -c 1-12)"
}

# Unpacks it unless it is there. Fails where that cannot be done.
ensure_emulator() {
	[[ $(uname -m) == x86_64 ]] && make_once "$(emulator_dir)" "$cache/qemu.lock" make_emulator
}

# After a failure it is not tried again for a day.
make_emulator() { # DIR
	local new=$cache/.new-qemu started=$SECONDS
	[[ -z $(find "$1.failed" -mtime -1 2>/dev/null) ]] || return 1
	# A shell of its own: what fails there ends the attempt alone.
	if (as_root rm -rf "$new" && unpack_emulator "$new") >"$cache/qemu.log" 2>&1 && mv "$new" "$1"; then
		say "unpacked a faster QEMU in $((SECONDS - started)) s"
		return
	fi
	say "could not unpack a faster QEMU; the log is $cache/qemu.log"
	(as_root rm -rf "$new") 2>/dev/null || :
	: >"$1.failed"
	return 1
}

# The program, what it loads and its firmware, out of Debian 13.
unpack_emulator() { # DIR
	bootstrap "$(suite_of 13)" "$1" --variant=extract --include=qemu-system-x86 &&
		as_root chown -R "$(id -u):$(id -g)" "$1" &&
		use_emulator "$1" &&
		"${emulator[@]}" --version
}

# The host's own loader and libraries are of another release.
use_emulator() { # DIR
	local usr=$1/usr
	emulator=("$usr/lib64/ld-linux-x86-64.so.2" --library-path "$usr/lib/x86_64-linux-gnu"
		"$usr/bin/qemu-system-x86_64" -L "$usr/share/qemu" -L "$usr/share/seabios")
}
