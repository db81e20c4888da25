# dokploy.sh: the shim's own part, after the header and core.sh. Settles the profile, puts its
# credentials into the environment of this one process and becomes the real CLI.
# Whatever only the core can settle (exits 3, 4, 6 and keys that are not in the index) goes there.
# shellcheck shell=dash disable=SC2154

# /bin/sh may be any shell; some compare whole seconds.
__dctx_clock=coarse

__dctx_more() { :; } # all of it is in this file

__dctx_sync() {
    "$__dctx_bin" sync --hook >/dev/null 2>&1 || :
}

__dctx_say() {
    printf 'dctx: %s\n' "$1" >&2
}

# Find the next `dokploy` on PATH that is no dctx shim: __dctx_real.
__dctx_find() {
    local path="$PATH:" folder first second
    while [ -n "$path" ]; do
        folder=${path%%:*}
        path=${path#*:}
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

# Status 0: URL and key in the environment are the record's, as `dctx exec` gives them to its command.
__dctx_has_pair() {
    [ "${__dctx_v_url%/}" = "$__dctx_r_url" ] || return 1
    [ -n "$__dctx_r_ask" ] || [ "${__dctx_v_key:-$__dctx_v_token}" = "$__dctx_r_key" ]
}

# Become the real CLI with the arguments "$@", without what only a session needs.
__dctx_become() {
    unset _DCTX_SESSION _DCTX_SHOWN _DCTX_YES _DCTX_S_DOKPLOY_PROFILE _DCTX_S_DOKPLOY_URL \
        _DCTX_S_DOKPLOY_API_KEY _DCTX_S_DOKPLOY_AUTH_TOKEN _DCTX_S_DCTX_ORG _DCTX_S_DCTX_ORG_ID \
        DCTX_SEGMENT DCTX_SEGMENT_STATE
    [ -z "$__dctx_headers" ] || export _DCTX_HEADERS="$__dctx_headers"
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

# The core settles it: "$@" are the CLI's arguments.
__dctx_slow() {
    if ! [ -x "$__dctx_bin" ]; then
        __dctx_say "the program $__dctx_bin is gone. Install dctx again, then run: dctx install"
        exit 1
    fi
    if [ -n "$__dctx_flag" ]; then
        exec "$__dctx_bin" _run --profile="$__dctx_flag" -- "$__dctx_real" "$@"
    fi
    exec "$__dctx_bin" _run -- "$__dctx_real" "$@"
}

# A prompt that is already drawn must not lie: 6 where the default changed since, elsewhere.
__dctx_check_shown() {
    local pid shown
    [ -n "${_DCTX_SHOWN-}" ] || return 0
    pid=${_DCTX_SHOWN%%:*}
    shown=${_DCTX_SHOWN#*:}
    [ "$shown" != "$__dctx_name" ] && [ "$pid" != "$__dctx_r_by" ] || return 0
    case $pid in '' | *[!0123456789]*) return 0 ;; esac
    kill -0 "$pid" 2>/dev/null || return 0
    if [ -n "$shown" ]; then
        __dctx_say "the default changed from \"$shown\" to \"$__dctx_name\" since your prompt was drawn. Run it again, or: dctx $shown"
    else
        __dctx_say "\"$__dctx_name\" became the default since your prompt was drawn. Run it again, or: dctx $__dctx_name"
    fi
    exit 6
}

# Without a default the CLI uses what its own `auth` saved in its package; where that is nothing it
# would tell people with profiles to make a first one.
__dctx_check_legacy() {
    local folder
    for folder in "${__dctx_real%/*}/../lib/node_modules/@dokploy/cli" "${__dctx_real%/*}/../@dokploy/cli"; do
        if [ -d "$folder" ] && ! [ -e "$folder/config.json" ]; then
            __dctx_say 'no profile is in force here, and none is the default. Run: dctx NAME, or: dctx use NAME'
        fi
    done
}

# The CLI's own help, and then how to choose a panel.
__dctx_help() {
    local code=0
    "$__dctx_real" "$@" || code=$?
    cat <<'HELP'

Profiles (dctx):
  --profile NAME         run any command as the profile NAME
  auth --profile NAME    save a panel's URL and API key under a name
  profiles               list, use NAME, current, remove NAME
  dctx NAME              point this terminal at a profile; see dctx --help
HELP
    exit "$code"
}

# A trace would show every key that is looked at from here on, to its log or to a colleague.
{ set +x; } 2>/dev/null
# Headers that are inherited are some other run's, perhaps another panel's.
unset _DCTX_HEADERS
__dctx_headers=
__dctx_flag=
__dctx_r_state=
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
            __dctx_say '--profile needs a name.'
            exit 2
        fi
        __dctx_flag=$1
        shift
        __dctx_rest=$((__dctx_rest - 1))
        ;;
    --profile=*)
        __dctx_flag=${__dctx_arg#--profile=}
        if [ -z "$__dctx_flag" ]; then
            __dctx_say '--profile needs a name.'
            exit 2
        fi
        ;;
    *)
        set -- "$@" "$__dctx_arg"
        ;;
    esac
done

case ${1-} in
auth | profiles)
    [ -z "$__dctx_flag" ] || [ "$1" = profiles ] || set -- "$@" --profile="$__dctx_flag"
    exec "$__dctx_bin" "$@"
    ;;
esac

if ! __dctx_find; then
    __dctx_say 'no dokploy command is on PATH. Run: npm install -g @dokploy/cli'
    exit 127
fi

case ${1-} in
'' | -h | --help | help) __dctx_help "$@" ;;
-V | --version) __dctx_become "$@" ;;
esac

__dctx_v_profile=${DOKPLOY_PROFILE-} __dctx_v_url=${DOKPLOY_URL-} __dctx_v_dir=${DOKPLOY_CONFIG_DIR-} \
    __dctx_v_key=${DOKPLOY_API_KEY-} __dctx_v_key_is=${DOKPLOY_API_KEY+1} __dctx_v_token=${DOKPLOY_AUTH_TOKEN-}
__dctx_resolve "$__dctx_flag" || __dctx_slow "$@"

case $__dctx_level:$__dctx_pair_is in
2:*)
    if [ -n "$__dctx_v_url" ] && [ -n "$__dctx_v_key$__dctx_v_token" ] && ! __dctx_own_pair &&
        ! __dctx_has_pair; then
        __dctx_say "DOKPLOY_PROFILE=\"$__dctx_name\" wins over DOKPLOY_URL and its key, also set."
    fi
    ;;
[45]:url) __dctx_say 'DOKPLOY_URL is set without DOKPLOY_API_KEY, so it is not used. Set both.' ;;
[45]:key) __dctx_say "$__dctx_pair_var is set without DOKPLOY_URL, so it is not used. Set both." ;;
esac

case $__dctx_level in
3)
    __dctx_preload || __dctx_slow "$@"
    __dctx_become "$@"
    ;;
5)
    [ "$__dctx_r_state" != unset ] || __dctx_check_legacy
    __dctx_become "$@"
    ;;
4) __dctx_check_shown ;;
esac
if [ -n "$__dctx_r_ask" ]; then
    # A key that is kept elsewhere; this terminal's session may hold it since its switch.
    case $__dctx_level:$__dctx_r_protected:${_DCTX_SESSION-} in
    *"$__dctx_us$__dctx_sentinel") __dctx_slow "$@" ;;
    "2::$__dctx_name$__dctx_us$__dctx_r_url$__dctx_us${DOKPLOY_API_KEY:-$__dctx_nl}")
        __dctx_r_key=$DOKPLOY_API_KEY
        ;;
    *) __dctx_slow "$@" ;;
    esac
elif [ -n "$__dctx_r_protected" ]; then
    [ -r "$__dctx_shims/reads.sh" ] || __dctx_slow "$@"
    # shellcheck source=/dev/null
    . "$__dctx_shims/reads.sh"
    __dctx_reads "$@" || __dctx_slow "$@"
fi
# Only the script that Node loads before the CLI can use headers.
if [ "${DCTX_PRELOAD-}" != 0 ]; then
    case $__dctx_r_headers in
    '' | '{'*) __dctx_headers=$__dctx_r_headers ;;
    *) __dctx_slow "$@" ;;
    esac
fi
# Of an expired key the CLI would only say 401; due is seven days before.
if [ -n "$__dctx_r_due" ] && [ "$(date +%s)" -ge "$((__dctx_r_due + 604800))" ] 2>/dev/null; then
    __dctx_slow "$@"
fi
__dctx_preload || __dctx_slow "$@"
unset DOKPLOY_AUTH_TOKEN DCTX_ORG DCTX_ORG_ID
export DOKPLOY_PROFILE="$__dctx_name" DOKPLOY_URL="$__dctx_r_url" DOKPLOY_API_KEY="$__dctx_r_key"
[ -z "$__dctx_r_org" ] || export DCTX_ORG="$__dctx_r_org"
[ -z "$__dctx_r_org_id" ] || export DCTX_ORG_ID="$__dctx_r_org_id"
__dctx_become "$@"
