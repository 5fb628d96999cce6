# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # names shared with the other files
# "lab test": builds the test bundle on this host and runs it in the guests.

verb_test() {
	local guests=(12 13) options bundle each worst=0 line
	parse_options "$@"
	((${#command[@]} <= 1)) || fail_usage "test takes one filter"
	options=("${@:1:$#-${#command[@]}}")
	((${#options[@]} == 0)) || [[ ${options[-1]} != -- ]] || unset 'options[-1]'
	[[ -z $guest ]] || guests=("$guest")
	[[ -z $state || ${#guests[@]} == 1 ]] || fail_usage "--state needs --guest here"

	"$project/scripts/build-debug" || fail "the tests do not build"
	bundle=("$project"/.build/debug/*PackageTests.xctest)
	[[ ${#bundle[@]} == 1 && -f ${bundle[0]} ]] || fail "not exactly one test bundle in $project/.build/debug"
	# Without a library's name the bundle would run XCTest's tests.
	bundle+=(--testing-library swift-testing)
	((${#command[@]} == 0)) || bundle+=(--filter "${command[0]}")

	results=$(mktemp -d)
	trap 'rm -rf "$results"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	declare -A runs codes
	for each in "${guests[@]}"; do
		ensure_image "$each" "${root:-plain}"
		say "tests on Debian $each"
		# Swift Testing reports on stderr; stdout has what the tests print.
		mkfifo "$results/$each.fifo"
		tee "$results/$each" <"$results/$each.fifo" >&2 &
		runs[$each]=$!
		# A run of its own: it ends itself when this script ends, however that comes about.
		setpriv --pdeathsig TERM "$here/lab" run --timeout 1800 "${options[@]}" --guest "$each" -- \
			"${bundle[@]}" 2>"$results/$each.fifo" &
		runs[$each]+=" $!"
		[[ -n $parallel ]] || finish_tests
	done
	finish_tests
	for each in "${guests[@]}"; do
		line="Debian $each: $(totals "$results/$each")"
		((codes[$each] == 0)) || line+=" (exit code ${codes[$each]})"
		echo "$line"
		((worst)) || worst=${codes[$each]}
	done
	exit "$worst"
}

# Waits for the guests that run tests, and notes their exit codes.
finish_tests() {
	local each tee run
	for each in "${!runs[@]}"; do
		read -r tee run <<<"${runs[$each]}"
		codes[$each]=0
		wait "$run" || codes[$each]=$?
		wait "$tee" || true
		unset "runs[$each]"
	done
}

# Swift Testing's own last line. Its count includes the skipped tests, which are counted here.
totals() { # FILE
	local line skipped
	line=$(grep -aE '^.{0,8}Test run with ' "$1" | tail -n 1 | sed -E 's/^.*(Test run with)/\1/; s/\.\s*$//')
	skipped=$(grep -acE '^.{0,8}Test .* skipped' "$1")
	echo "${line:-no totals}, $skipped skipped"
}
