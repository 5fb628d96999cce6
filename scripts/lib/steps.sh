# shellcheck shell=bash
# For scripts that show what they do: each command as a person would type it, then its output.

heading() { printf '\n== %s\n' "$*"; }

# run COMMAND...: prints and runs it.
run() {
	printf '\n# %s\n' "$(as_typed "$@")"
	"$@"
}

# run_quietly COMMAND...: the same without its output, unless it fails.
run_quietly() {
	local output
	printf '\n# %s\n' "$(as_typed "$@")"
	output=$("$@" 2>&1) || {
		local code=$?
		echo "$output" >&2
		return "$code"
	}
}

# As root would type it: words are quoted only where a shell needs it.
as_typed() {
	local word line=
	for word in "$@"; do
		[[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]] || word="'${word//\'/\'\\\'\'}'"
		line+=" $word"
	done
	echo "${line# }"
}

# until_true SECONDS WHAT COMMAND...: waits for something that another program has to do.
until_true() {
	local deadline=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		((SECONDS < deadline)) || {
			echo "error: $what: not within the time" >&2
			return 1
		}
		sleep 0.2
	done
}
