# dokploy.sh: the shim, after a header of constants. It settles the profile, puts its credentials into
# the environment of this one process and becomes the real CLI. dash dialect; no process is started
# on the quick road but for `grep` beside a `.env`, and `date` for a key that expires.
#
# It decides nothing. Where the index answers plainly (--profile, DOKPLOY_PROFILE, the default, or URL
# and key in the environment) it copies finished fields; everything else is the core's.
# scripts.py writes the words of a constant list in the place of $__dctx_l_NAME, and a variable's name in
# that of __dctx_n_ROLE. A field is compared or copied, never evaluated.
# shellcheck disable=SC2154,SC2086,SC2229,SC2015  # constants and lists come from scripts.py

# Print the message $1 of the header; $2 is the word in it.
__dctx_say() {
    # shellcheck disable=SC2059  # the format is a constant of ours
    printf "$1\n" "${2-}" >&2
}

# Become the core.
__dctx_core() {
    if ! [ -x "$__dctx_bin" ]; then
        __dctx_say "$__dctx_m_no_core" "$__dctx_bin"
        exit 1
    elif [ -z "$__dctx_python" ]; then
        exec "$__dctx_bin" "$@"
    elif ! [ -x "$__dctx_python" ]; then
        __dctx_say "$__dctx_m_no_python" "$__dctx_python"
        exit 1
    fi
    exec "$__dctx_python" -ESc "$__dctx_begin" "$__dctx_bin" "$@"
}

# Have the core settle it: "$@" are the CLI's arguments.
__dctx_ask() {
    if [ -n "$__dctx_flag" ]; then
        __dctx_core _run --profile="$__dctx_flag" -- "$__dctx_real" "$@"
    fi
    __dctx_core _run -- "$__dctx_real" "$@"
}

# Find the next `dokploy` on PATH that is no dctx shim: __dctx_real.
__dctx_find() {
    local path="$PATH:" folder first second
    while [ -n "$path" ]; do
        folder=${path%%:*}
        path=${path#*:}
        [ "$folder" != "$__dctx_shims" ] || continue
        __dctx_real=${folder:-.}/dokploy
        { [ -f "$__dctx_real" ] && [ -x "$__dctx_real" ]; } || continue
        first='' second=''
        { IFS= read -r first && [ "$first" = '#!/bin/sh' ] && IFS= read -r second; } \
            <"$__dctx_real" 2>/dev/null || :
        case $second in '# dctx shim'*) continue ;; esac
        return 0
    done
    return 1
}

# Become the real CLI with the arguments "$@", without what only a session needs.
__dctx_become() {
    unset $__dctx_l_scrubbed
    [ -z "$__dctx_headers" ] || export __dctx_n_headers="$__dctx_headers"
    exec "$__dctx_real" "$@"
}

# Have Node load the preload before the CLI. Status 1: it is off, or not there: the core's to settle.
__dctx_preload() {
    [ "${DCTX_PRELOAD-}" != 0 ] && [ -n "$__dctx_require" ] && [ -r "$__dctx_shims/preload.cjs" ] ||
        return 1
    case " ${NODE_OPTIONS-} " in
    *" $__dctx_require "*) ;;
    *) export NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }$__dctx_require" ;;
    esac
}

# Status 0: there is a `.env` that the CLI would read URL or key from. A pipe or folder of that name
# is none.
__dctx_env_speaks() {
    local code=0
    [ -f .env ] || return 1
    grep -q DOKPLOY_ .env 2>/dev/null || code=$?
    [ "$code" != 1 ]
}

# Find the user's own configuration. Status 1: the core has to look at the folder first.
__dctx_where() {
    [ -z "${DOKPLOY_CONFIG_DIR-}" ] || return 1
    case ${HOME-} in /*) ;; *) return 1 ;; esac
    __dctx_cfg=$HOME/.dokploy/config.json __dctx_idx=$HOME/.dokploy/index
}

# Status 0: a config.json that is not seen does not exist. A folder that cannot be entered, or a file in
# its place or in that of HOME, hides one: without this the CLI would use its own server.
__dctx_absent() {
    if [ -e "$HOME/.dokploy" ] || [ -L "$HOME/.dokploy" ]; then
        [ -d "$HOME/.dokploy" ] && [ -x "$HOME/.dokploy" ]
    else
        [ -d "$HOME" ] && [ -x "$HOME" ]
    fi
}

# Status 0: the index is of this config.json. Existence is asked first: shells differ in what they say
# of a missing file. Some compare whole seconds, so the stamp is the one that is good for those.
__dctx_fresh() {
    local gen='' stamp
    [ -O "$HOME/.dokploy" ] && [ -r "$__dctx_idx/.gen" ] || return 1
    read -r gen <"$__dctx_idx/.gen"
    stamp=$__dctx_idx/.coarse.$gen
    [ -e "$stamp" ] && [ -e "$__dctx_cfg" ] || return 1
    ! [ "$__dctx_cfg" -nt "$stamp" ] && ! [ "$__dctx_cfg" -ot "$stamp" ] || return 1
    # Two files of the same time are told apart by the link that the core keeps.
    ! [ -e "$__dctx_idx/.config" ] || [ "$__dctx_cfg" -ef "$__dctx_idx/.config" ]
}

# Read the record of the profile $1. Status 1: there is none that can be used.
__dctx_load() {
    case $1 in .* | */*) return 1 ;; esac # no other file, whatever somebody calls a profile
    [ -r "$__dctx_idx/$1" ] || return 1
    IFS=$__dctx_us read -r $__dctx_l_fields <"$__dctx_idx/$1" || return 1
    [ "$__dctx_r_format" = "$__dctx_format" ] && [ "$__dctx_r_name" = "$1" ]
}

# Status 0: the pair in the environment is the session's own or the record's, or there is none.
__dctx_pair_is_ours() {
    local key="${__dctx_n_key:-${__dctx_n_token-}}"
    { [ -n "${__dctx_n_url-}" ] && [ -n "$key" ]; } || return 0
    case ${__dctx_n_session-} in
    ?*"$__dctx_us$__dctx_n_url$__dctx_us${__dctx_n_key-}") return 0 ;;
    esac
    [ "${__dctx_n_url%/}" = "$__dctx_r_url" ] && [ "$key" = "$__dctx_r_key" ]
}

# Read the record of the default. Status 1: ask the core.
__dctx_default() {
    [ -r "$__dctx_idx/.current" ] || return 1
    IFS=$__dctx_us read -r $__dctx_l_current <"$__dctx_idx/.current" || return 1
    [ "$__dctx_r_format:$__dctx_r_current_state" = "$__dctx_format:ok" ] || return 1
    __dctx_name=$__dctx_r_name
    # A prompt that is drawn already may show another default: the core says what to do then.
    case ${__dctx_n_shown-} in
    '' | *":$__dctx_name") ;;
    "$__dctx_r_by":*) [ -n "$__dctx_r_by" ] ;;
    *) return 1 ;;
    esac
}

# Take the key that the record does not give at once. Status 1: ask the core. "$@" are the CLI's
# arguments.
__dctx_key() {
    if [ -n "$__dctx_r_ask" ]; then
        # A key that is kept elsewhere; this terminal's session may hold it since its switch.
        [ -z "$__dctx_flag$__dctx_r_protected" ] && [ "${__dctx_n_key-}" != "$__dctx_sentinel" ] || return 1
        [ -n "${__dctx_n_key-}" ] || return 1
        [ "${__dctx_n_session-}" = "$__dctx_name$__dctx_us$__dctx_r_url$__dctx_us$__dctx_n_key" ] || return 1
        __dctx_r_key=$__dctx_n_key
    elif [ -n "$__dctx_r_protected" ]; then
        [ -r "$__dctx_shims/reads.sh" ] || return 1
        # shellcheck source=/dev/null
        . "$__dctx_shims/reads.sh"
        __dctx_reads "$@" || return 1
    fi
    # Of an expired key the CLI would only say 401.
    case $__dctx_r_expires in
    '') ;;
    *[!0123456789]*) return 1 ;;
    *) [ "$(date +%s)" -lt "$__dctx_r_expires" ] ;;
    esac
}

# A trace would show every key that is looked at from here on, to its log or to a colleague.
{ set +x; } 2>/dev/null
# Headers that are inherited are some other run's, perhaps another panel's.
unset __dctx_n_headers
__dctx_headers=
__dctx_flag=
__dctx_names=
__dctx_rest=$#
while [ "$__dctx_rest" -gt 0 ]; do
    __dctx_arg=$1
    shift
    __dctx_rest=$((__dctx_rest - 1))
    case $__dctx_arg in
    --)
        set -- "$@" --
        while [ "$__dctx_rest" -gt 0 ]; do
            __dctx_arg=$1
            shift
            set -- "$@" "$__dctx_arg"
            __dctx_rest=$((__dctx_rest - 1))
        done
        ;;
    --profile)
        if [ "$__dctx_rest" -eq 0 ] || [ -z "$1" ]; then
            __dctx_say "$__dctx_m_flag"
            exit 2
        fi
        __dctx_flag=$1
        shift
        __dctx_rest=$((__dctx_rest - 1))
        ;;
    --profile=*)
        __dctx_flag=${__dctx_arg#--profile=}
        if [ -z "$__dctx_flag" ]; then
            __dctx_say "$__dctx_m_flag"
            exit 2
        fi
        ;;
    *)
        case $__dctx_arg in @* | --*=@*) __dctx_names=1 ;; esac
        set -- "$@" "$__dctx_arg"
        ;;
    esac
done

case ${1-} in
auth | profiles)
    [ -z "$__dctx_flag" ] || [ "$1" = profiles ] || set -- "$@" --profile="$__dctx_flag"
    __dctx_core "$@"
    ;;
esac

if ! __dctx_find; then
    __dctx_say "$__dctx_m_no_cli"
    exit 127
fi

case ${1-} in
'' | -h | --help | help)
    __dctx_code=0
    "$__dctx_real" "$@" || __dctx_code=$?
    printf '%s' "$__dctx_cli_help"
    exit "$__dctx_code"
    ;;
-V | --version) __dctx_become "$@" ;;
esac

# A name instead of an id, perhaps.
[ -z "$__dctx_names" ] || __dctx_ask "$@"
[ -z "${__dctx_n_broker-}" ] || __dctx_ask "$@"
__dctx_name=${__dctx_flag:-${__dctx_n_profile-}}
if [ -n "$__dctx_name" ]; then
    __dctx_where && __dctx_fresh && __dctx_load "$__dctx_name" || __dctx_ask "$@"
    [ -n "$__dctx_flag" ] || __dctx_pair_is_ours || __dctx_ask "$@"
elif [ -n "${__dctx_n_url-}" ] && [ -n "${__dctx_n_key-}" ]; then
    __dctx_preload || __dctx_ask "$@"
    __dctx_become "$@"
else
    [ -z "${__dctx_n_url-}${__dctx_n_key-}${__dctx_n_token-}" ] || __dctx_ask "$@"
    ! __dctx_env_speaks || __dctx_ask "$@"
    __dctx_where || __dctx_ask "$@"
    # Nobody has saved a profile.
    [ -e "$__dctx_cfg" ] || [ -L "$__dctx_cfg" ] || ! __dctx_absent || __dctx_become "$@"
    __dctx_fresh && __dctx_default || __dctx_ask "$@"
fi
__dctx_key "$@" || __dctx_ask "$@"
# Only the script that Node loads before the CLI can use headers.
if [ "${DCTX_PRELOAD-}" != 0 ]; then
    case $__dctx_r_headers in
    '' | '{'*) __dctx_headers=$__dctx_r_headers ;;
    *) __dctx_ask "$@" ;;
    esac
fi
__dctx_preload || __dctx_ask "$@"

unset $__dctx_l_owned
export __dctx_n_profile="$__dctx_name" __dctx_n_url="$__dctx_r_url" __dctx_n_key="$__dctx_r_key"
[ -z "$__dctx_r_org" ] || export __dctx_n_org="$__dctx_r_org"
[ -z "$__dctx_r_org_id" ] || export __dctx_n_org_id="$__dctx_r_org_id"
__dctx_become "$@"
