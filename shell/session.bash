# session.bash: `dctx`, and its quick roads in bash, at the first `dctx`. Whatever is unusual comes with ask.bash.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229

# The command. What it works with is never traced: `set -x` would print keys.
dctx() {
    local rc=0
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[auvTE]*:* | *:a) __dctx_calm ;; esac
    case $#:${1-} in
    1:off) __dctx_quick_off ;;
    1:-) __dctx_quick_back ;;
    1:*) __dctx_quick_switch "$1" ;;
    *) builtin false ;;
    esac || {
        if __dctx_load ask; then __dctx_route "$@" || rc=$?; else rc=1; fi
    }
    [[ $- != *i* || "${PROMPT_COMMAND[*]-}" == *__dctx_prompt* ]] || __dctx_hang
    [[ -z $__dctx_calmed ]] || __dctx_restore
    return "$rc"
}

# Status 0: the index in the user's own default folder, or in the one that the core allowed, can be read.
__dctx_usable() {
    [[ $BASH_SUBSHELL == 0 && -z ${__dctx_n_broker+x} ]] && __dctx_free || return
    [[ $__dctx_idx == "${HOME-}/.dokploy/index" && -z ${DOKPLOY_CONFIG_DIR+x} && -O ${HOME-}/.dokploy &&
        -e $__dctx_stamp && ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        (! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config) ]] || {
        __dctx_look
        __dctx_flag
        __dctx_ready
    }
}

# Switch to the profile $1 by its record. Status 1: nothing was done, the core has to.
__dctx_quick_switch() {
    local us=$__dctx_us IFS=$__dctx_us
    local $__dctx_l_fields
    case $1 in '' | [!"$__dctx_letters"]* | */*) return 1 ;; esac
    __dctx_usable && [[ -r $__dctx_idx/$1 ]] || return
    builtin read -r $__dctx_l_fields <"$__dctx_idx/$1"
    [[ $__dctx_r_format == "$__dctx_format" && $__dctx_r_name == "$1" && -n $__dctx_r_session_key &&
        ${DCTX_EXPORT_KEY-} != 0 ]] || return
    [[ -z $__dctx_r_due ]] || ! __dctx_past "$__dctx_r_due" "$1" || return
    case ${__dctx_n_session-} in
    '') # the first switch: what it replaces is copied
        [[ -z ${__dctx_n_profile+x}${__dctx_n_url+x}${__dctx_n_key+x}${__dctx_n_token+x} &&
            -z ${__dctx_n_org+x}${__dctx_n_org_id+x} ]] ||
            { __dctx_load ask && __dctx_save; } || return
        ;;
    "${__dctx_n_profile-}$us"*)
        [[ -n ${__dctx_n_profile-} ]] || return
        [[ $__dctx_n_profile == "$1" ]] || __dctx_prev=$__dctx_n_profile
        ;;
    *) return 1 ;;
    esac
    builtin export __dctx_n_profile="$1" __dctx_n_url="$__dctx_r_url" __dctx_n_key="$__dctx_r_session_key" \
        __dctx_n_org="$__dctx_r_org" __dctx_n_org_id="$__dctx_r_org_id" \
        __dctx_n_session="$1$us$__dctx_r_url$us$__dctx_r_session_key" \
        __dctx_n_segment="$__dctx_r_segment" __dctx_n_state="$__dctx_r_state"
    builtin unset __dctx_n_token __dctx_n_shown
    [[ -n $__dctx_r_org ]] || builtin unset __dctx_n_org
    [[ -n $__dctx_r_org_id ]] || builtin unset __dctx_n_org_id
    # The next prompt finds its work done.
    __dctx_name=$1 __dctx_state=$__dctx_r_state __dctx_shown=$__dctx_r_shown __dctx_until=$__dctx_r_due __dctx_env=
    __dctx_paint
    __dctx_look
    __dctx_seen=$__dctx_now __dctx_k_seen=() # which may hold the last session's key
    builtin printf '%s\n' "$__dctx_r_says" >&2
}

# End a session that nobody touched and that replaced nothing. Status 1: nothing was done, the core has to.
__dctx_quick_off() {
    local us=$__dctx_us IFS=$__dctx_us __dctx_text=
    local $__dctx_l_current
    [[ -n ${__dctx_n_session-} && -n ${__dctx_n_profile-} && -z $__dctx_gone &&
        $__dctx_n_session == "$__dctx_n_profile$us${__dctx_n_url-}$us${__dctx_n_key-}" &&
        -z ${__dctx_n_token+x}${__dctx_n_saved_profile+x}${__dctx_n_saved_url+x}${__dctx_n_saved_key+x} &&
        -z ${__dctx_n_saved_token+x}${__dctx_n_saved_org+x}${__dctx_n_saved_org_id+x} ]] || return
    [[ ! -e .env ]] || __dctx_dotenv
    [[ -z $__dctx_text ]] && __dctx_usable && [[ -r $__dctx_idx/.current ]] || return
    builtin read -r $__dctx_l_current <"$__dctx_idx/.current"
    [[ $__dctx_r_format == "$__dctx_format" && $__dctx_r_current_state == ok ]] || return
    [[ -z $__dctx_r_due ]] || ! __dctx_past "$__dctx_r_due" "$__dctx_r_name" || return
    __dctx_prev=$__dctx_n_profile
    builtin unset $__dctx_l_owned __dctx_n_session
    builtin export __dctx_n_segment="$__dctx_r_segment" __dctx_n_state="$__dctx_r_state" \
        __dctx_n_shown="$$:$__dctx_r_name"
    __dctx_name=$__dctx_r_name __dctx_state=$__dctx_r_state __dctx_shown=$__dctx_r_shown
    __dctx_until=$__dctx_r_due __dctx_env=
    __dctx_paint
    __dctx_look
    __dctx_seen=$__dctx_now __dctx_k_seen=() # which may hold the last session's key
    builtin printf '%s\n' "$__dctx_r_says" >&2
}

# The previous profile, and again back; before a first switch there was none.
__dctx_quick_back() {
    case ${__dctx_n_session-}:$__dctx_prev in
    : | ?*: | "${__dctx_n_profile-}$__dctx_us"*:"${__dctx_n_profile-}") __dctx_quick_off ;;
    *) __dctx_quick_switch "$__dctx_prev" ;;
    esac
}
