# shellcheck shell=bash
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
			package_list "$1"
			cat "$here"/guest/{prepare,customize,lab.service,lab.target}
			if [[ $2 == thin ]]; then
				echo "$thin_disk_size"
				cat "$here/guest/thin-root"
			fi
		} | sha256sum | cut -c 1-12
	)
	echo "$cache/images/debian$1-$2-$key"
}

# ensure_image GUEST plain|thin: builds the image unless it is there. One builder at a time for each image;
# it appears under its name only when it is whole.
ensure_image() {
	local dir lock tmp
	dir=$(image_dir "$1" "$2")
	[[ -d $dir ]] && return 0
	[[ $2 == plain ]] || ensure_image "$1" plain
	mkdir -p "$cache/images"
	exec {lock}>"$cache/images/debian$1-$2.lock"
	flock "$lock"
	if [[ ! -d $dir ]]; then
		as_root rm -rf "$cache/images/.new-debian$1-$2"
		tmp=$cache/images/.new-debian$1-$2
		mkdir -p "$tmp"
		say "building the Debian $1 guest ($2 root); the log is $tmp/build.log"
		local started=$SECONDS
		if ! ( "build_$2" "$1" "$tmp" ) >"$tmp/build.log" 2>&1; then
			tail -n 30 "$tmp/build.log" >&2
			fail "could not build the Debian $1 guest ($2 root)"
		fi
		mv "$tmp" "$dir"
		say "built the Debian $1 guest ($2 root) in $((SECONDS - started)) s"
	fi
	exec {lock}>&-
}

build_plain() { # GUEST DIR
	local suite uri tree=$2/tree options=()
	need mmdebstrap=mmdebstrap mke2fs=e2fsprogs apt-get=apt
	suite=$(suite_of "$1")
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[[ -r $keyring ]] || need "no-keyring=debian-archive-keyring"
	uri=$(mirror) || return 1
	mapfile -t options < <(apt_settings)
	as_root mmdebstrap --mode=root --variant=minbase --format=directory --keyring="$keyring" \
		--include="$(package_list "$1" | paste -sd,)" "${options[@]}" \
		--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook="$here/guest/prepare" --customize-hook="$here/guest/customize" \
		"$suite" "$tree" "deb $uri $suite main" || return 1
	as_root sh -c '
		set -e
		cp "$1"/boot/vmlinuz-* "$2/vmlinuz"
		cp "$1"/boot/initrd.img-* "$2/initrd"
		truncate -s "$3" "$2/root.img"
		/usr/sbin/mke2fs -q -t ext4 -L labroot -m 0 -d "$1" "$2/root.img"
		rm -rf "$1"
		chown -R "$4" "$2"
		chmod 644 "$2"/*
	' sh "$tree" "$2" "$root_size" "$(id -u):$(id -g)"
}

# The thin root is made by the plain guest: it copies the plain image to a thin volume of a second disk.
build_thin() { # GUEST DIR
	local plain
	plain=$(image_dir "$1" plain)
	cp "$plain/vmlinuz" "$plain/initrd" "$2/"
	qemu-img create -q -f qcow2 "$2/root.img" "$thin_disk_size" || return 1
	reset_options
	guest=$1 root=plain disks=0 timeout=900
	extra_disks=("labsource,raw,on,$plain/root.img" "labthin,qcow2,off,$2/root.img")
	command=(bash "$here/guest/thin-root" /dev/disk/by-id/virtio-labsource /dev/disk/by-id/virtio-labthin)
	run_machine
	return "$status"
}
