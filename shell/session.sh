# session.sh: `dctx` and its quick roads in bash and zsh, at the first `dctx`. Whatever is unusual comes with ask.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229,SC2015

# What `dctx "$@"` does. Without locals: bash looks for each variable in those of all callers first.
__dctx_main() {
    case $#:${1-} in
    1:off) __dctx_off ;;
    1:-) # the previous profile, and again back; before a first switch there was none
        if [[ -n ${__dctx_n_session-} ]] && [[ -z $__dctx_prev || $__dctx_prev == "${__dctx_n_profile-}" ]]; then
            __dctx_off
        else
            __dctx_switch "$__dctx_prev"
        fi
        ;;
    1:[!.]*) __dctx_switch "$1" ;;
    *) false ;;
    esac || { __dctx_load ask dctx && __dctx_route "$@"; }
}

# Switch to the profile $1 by its record. Status 1: nothing was done, the core has to.
__dctx_switch() {
    local us="$__dctx_us" file="$1" __dctx_r
    case $1 in '' | [!"$__dctx_letters"]* | */*) return 1 ;; esac
    __dctx_usable || return
    [[ $__dctx_r_name == "$1" && -n $__dctx_r_session_key && ${DCTX_EXPORT_KEY-} != 0 ]] || return
    if [[ -z ${__dctx_n_session-} ]]; then # the first switch: what it replaces is copied
        [[ -z $__dctx_x_owned ]] || { __dctx_load ask && __dctx_save; } || return
    elif [[ -n ${__dctx_n_profile-} && $__dctx_n_session == "$__dctx_n_profile$us"[!"$us"]* ]]; then
        [[ $__dctx_n_profile == "$1" ]] || __dctx_prev=$__dctx_n_profile
    else
        return 1
    fi
    export __dctx_n_profile="$1" __dctx_n_url="$__dctx_r_url" __dctx_n_key="$__dctx_r_session_key" \
        __dctx_n_org="$__dctx_r_org" __dctx_n_org_id="$__dctx_r_org_id" \
        __dctx_n_session="$1$us$__dctx_r_url$us$__dctx_r_session_key" \
        __dctx_n_segment="$__dctx_r_segment" __dctx_n_state="$__dctx_r_state"
    unset __dctx_n_token __dctx_n_shown
    [[ -n $__dctx_r_org ]] || unset __dctx_n_org
    [[ -n $__dctx_r_org_id ]] || unset __dctx_n_org_id
    __dctx_changed
}

# End a session that nobody touched and that replaced nothing. Status 1: nothing was done, the core has to.
__dctx_off() {
    local us="$__dctx_us" file=.current __dctx_r
    [[ -n ${__dctx_n_session-} && -n ${__dctx_n_profile-} && -z $__dctx_gone &&
        $__dctx_n_session == "$__dctx_n_profile$us${__dctx_n_url-}$us${__dctx_n_key-}" &&
        -z ${__dctx_n_token+x}$__dctx_x_saved ]] || return
    __dctx_text=
    [[ ! -e .env ]] || __dctx_dotenv
    [[ -z $__dctx_text ]] && __dctx_usable && [[ $__dctx_r_current_state == ok ]] || return
    __dctx_prev=$__dctx_n_profile
    unset $__dctx_l_changed
    export __dctx_n_segment="$__dctx_r_segment" __dctx_n_state="$__dctx_r_state" __dctx_n_shown="$$:$__dctx_r_name"
    __dctx_changed
}

# Read the record of $file. Status 1: no quick road may change a session here.
__dctx_usable() {
    [[ $BASH_SUBSHELL == 0 && -z ${__dctx_n_broker+x} ]] && __dctx_free && {
        [[ $__dctx_idx == "${HOME-}/.dokploy/index" && -z ${DOKPLOY_CONFIG_DIR+x} && -O ${HOME-}/.dokploy ]] &&
            __dctx_fresh || {
            __dctx_look || : # for what follows
            __dctx_ready
        }
    } && __dctx_read
}

# Show the record that was read, and say so. The next prompt finds its work done.
__dctx_changed() {
    __dctx_name=$__dctx_r_name __dctx_state=$__dctx_r_state __dctx_shown=$__dctx_r_shown
    __dctx_seen='' __dctx_env='' __dctx_until=$__dctx_r_due
    __dctx_paint
    __dctx_look || :
    __dctx_seen=$__dctx_now __dctx_kept=() # which may hold the last session's key
    printf '%s\n' "$__dctx_r_says" >&2
}
