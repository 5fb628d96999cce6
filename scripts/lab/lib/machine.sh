# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # names shared with the other files
# shellcheck disable=SC2054 # QEMU's options have commas
# Boots one guest, runs one command in it and sets "status" to the exit code of the lab.

exit_deadline=124 exit_lab=125 exit_died=126 exit_cut=137
# Seconds. Booting takes 13 to 40 on an idle host.
longest_boot=240

# What a run is told; the command line sets the same names.
reset_options() {
	guest='' root='' disks='' disk_size=4G memory=2G processors=2 timeout=900 state='' cut_on='' out='' append=''
	mode=run environment=() shares=() extra_disks=() command=()
}

run_machine() {
	need qemu-img=qemu-utils setpriv=util-linux flock=util-linux
	open_run
	find_emulator
	[[ -z $state ]] || open_state
	: "${guest:=12}" "${root:=plain}"
	ensure_image "$guest" "$root"
	[[ -n ${image:-} && -n $state ]] || image=$(image_dir "$guest" "$root")
	local attempt whole=$timeout begun=$SECONDS
	for attempt in 1 2 3 4 5 6 7 8; do
		# One deadline for all attempts.
		((whole == 0)) || timeout=$((whole > SECONDS - begun ? whole - (SECONDS - begun) : 1))
		make_disks
		write_settings
		start_machine
		watch_machine
		finish_machine
		# An emulated kernel that patches its own code while the other processor runs it can die while it boots, or
		# hang. Nothing of the command has run then.
		[[ $status == "$exit_died" && -z $has_booted && $attempt != 8 ]] || break
		say "the guest died while it booted; booting again"
		find "$run" -mindepth 1 ! -name lock -delete
	done
}

# Everything of this run lies in one new folder, which goes when the run ends. A run that was killed
# leaves its folder behind; whoever comes next and finds its lock free removes it.
open_run() {
	mkdir -p "$cache/runs"
	local sweep old old_lock
	exec {sweep}>"$cache/runs.lock"
	flock "$sweep"
	for old in "$cache"/runs/*/; do
		[[ -e $old/lock ]] || continue
		exec {old_lock}<"$old/lock"
		! flock -n "$old_lock" || rm -rf "$old"
		exec {old_lock}<&-
	done
	run=$(mktemp -d "$cache/runs/XXXXXXXX")
	exec {run_lock}>"$run/lock"
	flock "$run_lock"
	exec {sweep}>&-
	qemu='' helpers=() terminal_mode=''
	trap close_run EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

close_run() {
	local pid
	for pid in $qemu "${helpers[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	[[ -z $terminal_mode ]] || stty "$terminal_mode" || true
	if [[ -n $state && -e $run/console ]]; then
		cp "$run/console" "$state/console.log" || true
		rm -f "$state/qemu.pid"
	fi
	rm -rf "$run"
}

# A state folder belongs to the guest and the image it was first used with.
open_state() {
	mkdir -p "$state"
	local state_lock had_guest had_root had_image
	exec {state_lock}>"$state/lock"
	flock -n "$state_lock" || fail "$state is in use by another run"
	rm -f "$state/was-cut"
	if [[ -e $state/machine ]]; then
		{ read -r had_guest && read -r had_root && IFS= read -r had_image; } <"$state/machine" ||
			fail "$state/machine is damaged"
		[[ ${guest:=$had_guest} == "$had_guest" && ${root:=$had_root} == "$had_root" ]] ||
			fail "$state holds a Debian $had_guest guest with a $had_root root"
		[[ -d $had_image ]] || fail "the image of $state is gone: $had_image"
		image=$had_image
	else
		: "${guest:=12}" "${root:=plain}"
		ensure_image "$guest" "$root"
		image=$(image_dir "$guest" "$root")
	fi
}

make_disks() {
	local folder=${state:-$run} cache_mode=unsafe base_format=raw number=0 extra name format fixed path
	[[ $root == plain ]] || base_format=qcow2
	# Disks that are kept must survive the death of QEMU. What a raw disk was given is with the host's
	# kernel by then, whatever the mode; a qcow2 disk has tables of its own that QEMU must write in order.
	[[ -z $state ]] || cache_mode=writeback
	if [[ ! -e $folder/root.qcow2 ]]; then
		qemu-img create -q -f qcow2 -F "$base_format" -b "$image/root.img" "$folder/root.qcow2" ||
			fail "cannot make the root disk"
		[[ -z $state ]] || printf '%s\n' "$guest" "$root" "$image" >"$state/machine"
	fi
	drives=()
	add_drive labroot qcow2 off "$folder/root.qcow2" "$cache_mode"
	for extra in "${extra_disks[@]}"; do
		IFS=, read -r name format fixed path <<<"$extra"
		add_drive "$name" "$format" "$fixed" "$path" unsafe
	done
	if [[ -z $disks ]]; then
		while [[ -e $folder/disk$number.img ]]; do ((++number)); done
		disks=$((number ? number : 4))
	fi
	disk_paths=()
	for ((number = 0; number < disks; number++)); do
		[[ -e $folder/disk$number.img ]] || truncate -s "$disk_size" "$folder/disk$number.img" ||
			fail "cannot make a disk of $disk_size"
		add_drive "labdisk$number" raw off "$folder/disk$number.img" unsafe
		disk_paths+=("/dev/disk/by-id/virtio-labdisk$number")
	done
}

add_drive() { # SERIAL FORMAT READONLY PATH CACHE
	drives+=(
		-drive "if=none,id=$1,format=$2,readonly=$3,cache=$5,discard=unmap,file=${4//,/,,}"
		-device "virtio-blk-pci,drive=$1,serial=$1"
	)
}

# Lays out what the guest's agent reads: a share with the agent and its settings.
write_settings() {
	local keep=0 rows=24 columns=80 terminal=${TERM:-linux} deadline=$timeout directory=$project tool number=0 share
	local access path environment=("${environment[@]}")
	[[ -z $state ]] || keep=1
	[[ $mode != shell ]] || read -r rows columns < <(stty size)
	tool=$(toolchain)
	environment=(STILLPOINT_LAB=1 "STILLPOINT_LAB_GUEST=$guest" "STILLPOINT_LAB_DISKS=${disk_paths[*]}"
		"${environment[@]}")
	local wanted=("ro:$project" "${shares[@]}") shares=()
	[[ -z $tool ]] || wanted+=("ro:$tool")
	folders=(-fsdev "local,id=lab,path=${run//,/,,}/share,security_model=none,readonly=on"
		-device virtio-9p-pci,fsdev=lab,mount_tag=lab)
	[[ -z $out ]] || wanted+=("rw:$out")
	for share in "${wanted[@]}"; do
		access=${share%%:*} path=${share#*:}
		local device="local,id=share$number,path=${path//,/,,},security_model=none,multidevs=remap"
		[[ $access == rw ]] || device+=,readonly=on
		[[ $access == ro ]] || path=/lab/out
		folders+=(-fsdev "$device" -device "virtio-9p-pci,fsdev=share$number,mount_tag=share$number")
		shares+=("share$number:$access:$path")
		((++number))
	done
	mkdir "$run/share"
	cp "$here/guest/agent" "$run/share/agent"
	# Written as assignments: the values keep their spaces and quotes.
	declare -p mode directory deadline keep shares environment command rows columns terminal |
		sed -E 's/^declare -[^ ]+ //' >"$run/share/settings"
}

start_machine() {
	local accel port options khz kernel_root=/dev/vda ports=() machine=()
	accel=$(accelerator)
	case $accel in
		kvm) machine=(-accel kvm -cpu host) ;;
		# AVX, SMAP and five levels of page tables cost an emulated processor a sixth of its speed: one without them.
		tcg-single) machine=(-accel tcg,thread=single -cpu Westmere) ;;
		*) machine=(-accel tcg,thread=multi -cpu Westmere) ;;
	esac
	[[ $root == plain ]] || kernel_root=/dev/mapper/labroot-root
	options="root=$kernel_root rw fsck.mode=skip console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests"
	options+=" systemd.machine_id=5717190147ab5717190147ab00000001"
	# On a busy host an emulated processor gets its turn late. Measured against a timer at power-on, its
	# time stamp counter (the host's own) can seem ten times too slow, and the guest's clock runs too fast:
	# so the guest is told. And the timer check can see a fault that is not there, and panic.
	if [[ $accel != kvm ]]; then
		options+=" no_timer_check"
		khz=$(tsc_khz)
		[[ -z $khz ]] || options+=" tsc_early_khz=$khz tsc=reliable"
	fi

	: >"$run/console"
	for port in control cut stdout stderr; do
		mkfifo "$run/$port"
		ports+=(-chardev "file,id=$port,path=${run//,/,,}/$port"
			-device "virtserialport,chardev=$port,name=lab.$port")
	done
	exec {control}<>"$run/control"
	if [[ $mode == shell ]]; then
		terminal_mode=$(stty -g)
		ports+=(-chardev stdio,id=terminal,signal=off -device virtconsole,chardev=terminal)
	fi

	started=$SECONDS
	# The machine must not outlive the lab, however the lab ends.
	setpriv --pdeathsig KILL "${emulator[@]}" -name stillpoint-lab -nodefaults -no-user-config \
		-display none -no-reboot "${machine[@]}" -smp "$processors" -m "$memory" \
		-kernel "$image/vmlinux" -initrd "$image/initrd" \
		-append "$options $append" \
		-serial "file:${run//,/,,}/console" -device virtio-rng-pci "${drives[@]}" "${folders[@]}" \
		-device virtio-serial-pci "${ports[@]}" <&0 &
	qemu=$!
	[[ -z $state ]] || echo "$qemu" >"$state/qemu.pid"
	watch_port <"$run/cut" &
	helpers=("$!")
	{ pass_on <"$run/stdout"; } &
	helpers+=("$!")
	{ pass_on <"$run/stderr" >&2; } &
	helpers+=("$!")
}

# The power cut: whatever the guest was doing, it stops here.
cut_power() {
	: >"$run/was-cut"
	kill -KILL "$qemu" 2>/dev/null
}

watch_port() {
	local line
	while IFS= read -r line; do
		[[ -z $cut_on || $line != "$cut_on" ]] || cut_power
	done
}

# Passes the command's output on, and with --cut-on looks for the marker in it.
pass_on() {
	if [[ -z $cut_on ]]; then
		cat
	else
		{ tee -p /dev/fd/3 3>&1 >&4 | { ! grep -qFx -m 1 -- "$cut_on" || cut_power; cat >/dev/null; }; } 4>&1
	fi
}

# Waits for the guest's word on the command, for the machine's end or for the deadline.
watch_machine() {
	local line='' part gone=''
	status='' has_booted=''
	while [[ -z $status ]]; do
		if read -r -t 0.2 -u "$control" part; then
			line+=$part
			case $line in
				booted) has_booted=1 && verbose "booted in $((SECONDS - started)) s ($(accelerator))" ;;
				exit\ *) status=${line#exit } ;;
				problem\ *) status=$exit_lab && say "${line#problem }" ;;
			esac
			line=''
		else
			line+=$part
			[[ -z $gone ]] || break
			if ! kill -0 "$qemu" 2>/dev/null; then
				gone=1
			elif [[ -z $has_booted ]] && ((SECONDS - started >= longest_boot)); then
				# As one that died while it booted.
				say "not up after $longest_boot s"
				kill -KILL "$qemu"
			elif ((timeout && SECONDS - started >= timeout)); then
				status=$exit_deadline
			fi
		fi
	done
	verbose "ended after $((SECONDS - started)) s"
}

finish_machine() {
	local fifo
	# Disks that are kept: give the guest time to shut down.
	if [[ -n $state && $status != "$exit_deadline" && $status != "$exit_lab" ]]; then
		for ((waited = 0; waited < 600; waited++)); do
			kill -0 "$qemu" 2>/dev/null || break
			sleep 0.1
		done
	fi
	kill -KILL "$qemu" 2>/dev/null || true
	wait "$qemu" 2>/dev/null || true
	# A machine that never started has left the readers waiting for a writer.
	for fifo in cut stdout stderr; do
		: <>"$run/$fifo"
	done
	wait "${helpers[@]}" || true
	helpers=()
	exec {control}>&-

	if [[ -e $run/was-cut || -n $state && -e $state/was-cut ]]; then
		status=$exit_cut
		say "power cut"
	elif [[ -z $status ]]; then
		status=$exit_died
		say "the guest died before the command ended; its console:"
	elif ((status == exit_deadline && SECONDS - started >= timeout && timeout)); then
		say "no end within $timeout s; the guest's console:"
	else
		return 0
	fi
	((status == exit_cut)) || tail -n 60 "$run/console" | tr -d '\r' >&2
}
