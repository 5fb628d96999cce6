# shellcheck shell=bash
# "lab test": builds the test bundle on this host and runs it in the guests.

verb_test() {
	local filter='' guests=(12 13) each codes='' bundle
	timeout=1800
	parse_options "$@"
	((${#command[@]} <= 1)) || fail_usage "test takes one filter"
	filter=${command[0]:-}
	[[ -z $guest ]] || guests=("$guest")
	[[ -z $state ]] || ((${#guests[@]} == 1)) || fail_usage "--state needs --guest here"

	if [[ ${STILLPOINT_LAB_SKIP_BUILD:-0} != 1 ]]; then
		(cd "$project" && swift build --build-tests -j 2) >&2 || fail "the tests do not build"
	fi
	bundle=$(test_bundle)
	# SwiftPM calls a bundle in this way too. Without a testing library's name it would run XCTest's tests.
	command=("$bundle" --testing-library swift-testing)
	[[ -z $filter ]] || command+=(--filter "$filter")

	results=$(mktemp -d)
	trap 'rm -rf "$results"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	for each in "${guests[@]}"; do
		ensure_image "$each" "${root:-plain}"
		if [[ -n $parallel ]]; then test_in "$each" & else test_in "$each"; fi
	done
	wait
	for each in "${guests[@]}"; do
		echo "Debian $each: $(totals "$each")"
		codes+=$(<"$results/$each.code")
	done
	# 0 only when each guest had 0.
	[[ $codes =~ ^0+$ ]] || exit 1
}

test_bundle() {
	local found=("$project"/.build/debug/*PackageTests.xctest)
	[[ ${#found[@]} == 1 && -f ${found[0]} ]] || fail "not exactly one test bundle in $project/.build/debug"
	echo "${found[0]}"
}

test_in() { # GUEST
	local code=0
	say "tests on Debian $1"
	(
		guest=$1
		run_machine </dev/null
		exit "$status"
	) > >(tee "$results/$1.out") || code=$?
	echo "$code" >"$results/$1.code"
}

# Swift Testing's own last line, and how many tests were skipped, which it does not count.
totals() { # GUEST
	local code line skipped
	code=$(<"$results/$1.code")
	line=$(grep -aE '^.{0,8}Test run with ' "$results/$1.out" | tail -n 1 | sed -E 's/^.*(Test run with)/\1/')
	skipped=$(grep -acE '^.{0,8}Test .* skipped' "$results/$1.out" || true)
	case $code in
		0 | 1) echo "${line:-no totals}, $skipped skipped${line:+ (exit code $code)}" ;;
		*) echo "${line:-no totals} (exit code $code)" ;;
	esac
}
