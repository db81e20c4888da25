# prompt.sh: what every prompt says, and the command. For bash and zsh (under sh emulation), after
# core.sh. dash dialect. Starts no process but to ask the core.
# Each hook adds what only its shell can do: __dctx_see, __dctx_past, __dctx_clock, __dctx_calm and
# __dctx_restore, and __dctx_fetch, which loads the rest: dotenv.sh, switch.sh and Tab.
# Source of the rules: design.md, "Session" and "Prompt"; dokploy_ctx/session.py does the same.
# `command` before a built-in: a user's function may have its name (`local` alone cannot be guarded
# in dash dialect).
# shellcheck disable=SC2154  # constants come from the header, __dctx_r_* from core.sh

__dctx_prev=${__dctx_prev-} # the hook may be loaded again
__dctx_calmed='' __dctx_gone='' __dctx_blind='' __dctx_key='' __dctx_bad='' __dctx_told='' __dctx_hush='' __dctx_due='' __dctx_gen=''
__dctx_env='' __dctx_whole='' __dctx_cfg='' __dctx_idx='' __dctx_shown='' __dctx_shown_state=''

# Load what terminals seldom need, once. Status 1: it is gone.
__dctx_more() {
    [ -n "$__dctx_whole" ] || __dctx_fetch
}

# Have the index compiled, once per change of config.json; not by what stays after an uninstall.
__dctx_sync() {
    [ -n "$__dctx_gone" ] || ! __dctx_more || __dctx_compile
}

# Show the loaded record (levels 2 and 4); or the segment $1 in the state $2 (session, default,
# protected, env, unknown). DCTX_SEGMENT, DCTX_SEGMENT_STATE, _DCTX_SHOWN; and what the hook paints
# into the prompt: __dctx_shown, __dctx_shown_state.
__dctx_show() {
    if [ "$#" = 0 ]; then
        set -- "$__dctx_r_segment$__dctx_mark"
        __dctx_due=
        if [ -n "$__dctx_r_due" ]; then
            if __dctx_past "$__dctx_r_due" "$__dctx_r_name"; then
                set -- "${1%!}!"
            else
                __dctx_due=$__dctx_r_due
            fi
        fi
        case $__dctx_level$__dctx_r_protected in
        2) __dctx_shown="($1) " __dctx_shown_state=session ;;
        4) __dctx_shown="~($1) " __dctx_shown_state=default ;;
        2*) __dctx_shown="(($1)) " __dctx_shown_state=protected ;;
        *) __dctx_shown="~(($1)) " __dctx_shown_state=protected ;;
        esac
    else
        __dctx_shown=${1:+"($1) "} __dctx_shown_state=$2
    fi
    case $__dctx_level:$__dctx_shown_state in
    [45]:unknown) command export "_DCTX_SHOWN=$$:" ;;
    [45]:*) command export "_DCTX_SHOWN=$$:$__dctx_name" ;;
    *) command unset _DCTX_SHOWN ;;
    esac
    if [ -n "$1" ]; then
        command export "DCTX_SEGMENT=$1" "DCTX_SEGMENT_STATE=$__dctx_shown_state"
    else
        command unset DCTX_SEGMENT DCTX_SEGMENT_STATE
    fi
}

# Keep the session true, and show what the next `dokploy` would use.
__dctx_refresh() {
    local rc=0
    __dctx_see
    __dctx_mark='' __dctx_due=
    [ -z "${_DCTX_SESSION-}" ] || ! __dctx_more || __dctx_tend
    if [ -n "$__dctx_blind" ]; then rc=1 __dctx_level=4; else __dctx_resolve '' || rc=1; fi
    # Without the shim the CLI sees no profile, only the variables and `.env`.
    case $__dctx_gone:$__dctx_level in
    1:2) __dctx_own_pair || rc=1 __dctx_level=4 ;;
    1:4) rc=1 ;;
    esac
    case $rc:$__dctx_level in
    0:2 | 0:4) __dctx_show ;;
    0:5) __dctx_show '' '' ;;
    *) if __dctx_more; then __dctx_look_odd "$rc"; else __dctx_show '?' unknown; fi ;;
    esac
}

# The command. A key must not show in a trace: `set -x` is off in here.
dctx() {
    local rc=0
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under bash's nocasematch A is a
    case $-:A in *[av]*:* | *:a) __dctx_calm ;; esac
    if [ -n "$__dctx_whole" ] || __dctx_fetch; then
        __dctx_see
        __dctx_route "$@" || rc=$?
    elif [ -x "$__dctx_bin" ]; then
        "$__dctx_bin" "$@" || rc=$?
    else
        rc=1
    fi
    [ -z "$__dctx_calmed" ] || __dctx_restore
    return "$rc"
}
