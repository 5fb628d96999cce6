# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # names shared with the other files
# Builds and caches the guests' root file systems.

root_size=3G       # of the root file system; the thin root has the same
thin_disk_size=8G  # sparse; its pool keeps room for snapshots of /

suite_of() {
	case $1 in
		12) echo bookworm ;;
		13) echo trixie ;;
		*) fail_usage "no such guest: $1 (12 or 13)" ;;
	esac
}

package_list() { # GUEST
	sed -E 's/#.*//; s/[[:space:]]+//g; /^$/d' "$here/guest/packages" "$here/guest/packages.$1"
}

# image_dir GUEST plain|thin: the image's folder. Its name has a hash of all that the image is made from.
image_dir() {
	local key
	key=$(
		{
			echo "$1 $(suite_of "$1") $root_size"
			declare -f build_plain bootstrap unpack_kernel
			package_list "$1"
			cat "$here"/guest/{prepare,customize,small-initrd,lab.service,lab.target}
			if [[ $2 == thin ]]; then
				echo "$thin_disk_size"
				declare -f build_thin
				cat "$here/guest/thin-root"
			fi
		} | sha256sum | cut -c 1-12
	)
	echo "$cache/images/debian$1-$2-$key"
}

# ensure_image GUEST plain|thin: builds the image unless it is there.
ensure_image() {
	local dir
	dir=$(image_dir "$1" "$2")
	[[ $2 == plain || -d $dir ]] || ensure_image "$1" plain
	mkdir -p "$cache/images"
	make_once "$dir" "$cache/images/debian$1-$2.lock" build_image "$1" "$2"
}

build_image() { # GUEST plain|thin DIR
	local tmp=$cache/images/.new-debian$1-$2 started=$SECONDS
	as_root rm -rf "$tmp" && mkdir -p "$tmp" || return 1
	say "building the Debian $1 guest ($2 root); the log is $tmp/build.log"
	if ! ( "build_$2" "$1" "$tmp" ) >"$tmp/build.log" 2>&1; then
		tail -n 30 "$tmp/build.log" >&2
		fail "could not build the Debian $1 guest ($2 root)"
	fi
	mv "$tmp" "$3" && say "built the Debian $1 guest ($2 root) in $((SECONDS - started)) s"
}

build_plain() { # GUEST DIR
	local tree=$2/tree
	need mke2fs=e2fsprogs xz=xz-utils zstd=zstd
	bootstrap "$(suite_of "$1")" "$tree" --variant=minbase --include="$(package_list "$1" | paste -sd,)" \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/initramfs-tools/*mdadm*' \
		--dpkgopt='path-exclude=/usr/share/initramfs-tools/*btrfs*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook="$here/guest/prepare" --customize-hook="$here/guest/customize" || return 1
	# shellcheck disable=SC2016 # expanded by that shell
	as_root sh -c '
		set -e
		cp "$1"/boot/vmlinuz-* "$2/vmlinuz"
		cp "$1"/boot/initrd.img-* "$2/initrd.debian"
		mv "$1"/boot/initrd.small "$2/initrd"
		truncate -s "$3" "$2/root.img"
		/usr/sbin/mke2fs -q -t ext4 -L labroot -m 0 -d "$1" "$2/root.img"
		rm -rf "$1"
		chown -R "$4" "$2"
		chmod 644 "$2"/*
	' sh "$tree" "$2" "$root_size" "$(id -u):$(id -g)" || return 1
	unpack_kernel "$2/vmlinuz" "$2/vmlinux" && rm "$2/vmlinuz"
}

# bootstrap SUITE DIR OPTION...: mmdebstrap from the mirror that this host's own apt uses, as that does.
bootstrap() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg uri options=()
	need mmdebstrap=mmdebstrap
	[[ -r $keyring ]] || need "no-keyring=debian-archive-keyring"
	uri=$(mirror) || return 1
	mapfile -t options < <(apt_settings)
	as_root mmdebstrap --mode=root --format=directory --keyring="$keyring" "${options[@]}" "${@:3}" \
		"$1" "$2" "deb $uri $1 main"
}

# The kernel that a bzImage holds, byte for byte: the host unpacks it many times faster than an emulated
# processor. The header (documented in the kernel's x86 boot protocol) says where it lies.
unpack_kernel() { # FROM TO
	local setup offset length
	setup=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
	offset=$(od -An -tu4 -j $((0x248)) -N 4 "$1")
	length=$(od -An -tu4 -j $((0x24c)) -N 4 "$1")
	# The last four bytes are the unpacked size, which the decompressors do not know of.
	tail -c +$(((setup + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) >"$2.packed"
	case $(od -An -tx4 -N 4 "$2.packed") in
		*587a37fd) xz -dc <"$2.packed" >"$2" ;;
		*fd2fb528) zstd -q -dc <"$2.packed" >"$2" ;;
		*) false ;;
	esac || return 1
	rm "$2.packed"
}

# The thin root is made by the plain guest: it copies the plain image to a thin volume of a second disk.
build_thin() { # GUEST DIR
	local plain ranges
	need qemu-img=qemu-utils
	plain=$(image_dir "$1" plain)
	# The parts of the image that are not holes, in whole MiB: START:LENGTH, one a line.
	ranges=$(qemu-img map --output=json -f raw "$plain/root.img" |
		sed -nE 's/.*"start": ([0-9]+), "length": ([0-9]+),.*"data": true.*/\1 \2/p' |
		awk '{
			first = int($1 / 1048576); last = int(($1 + $2 - 1) / 1048576)
			if (NR > 1 && first <= end + 1) { if (last > end) end = last; next }
			if (NR > 1) print start ":" end - start + 1
			start = first; end = last
		} END { print start ":" end - start + 1 }') || return 1
	cp "$plain/vmlinux" "$2/vmlinux"
	cp "$plain/initrd.debian" "$2/initrd"
	qemu-img create -q -f qcow2 "$2/root.img" "$thin_disk_size" || return 1
	reset_options
	guest=$1 root=plain disks=0 timeout=3600
	extra_disks=("labsource,raw,on,$plain/root.img" "labthin,qcow2,off,$2/root.img")
	command=(bash "$here/guest/thin-root" /dev/disk/by-id/virtio-labsource /dev/disk/by-id/virtio-labthin)
	mapfile -t -O "${#command[@]}" command <<<"$ranges"
	run_machine
	return "$status"
}
