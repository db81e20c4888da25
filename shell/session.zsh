# session.zsh: `dctx`, and its quick roads in zsh, at the first `dctx`. Whatever is unusual comes with ask.zsh.

# The command. What it works with is never traced: `set -x` would print keys.
dctx() {
    local rc=0
    [[ $- != *x* ]] || { set +x } 2>/dev/null # zsh itself turns it on again where the function ends
    case $#:${1-} in
    1:off) __dctx_quick_off ;;
    1:-) __dctx_quick_back ;;
    1:*) __dctx_quick_switch $1 ;;
    *) builtin false ;;
    esac || {
        if __dctx_load ask; then __dctx_route "$@" || rc=$?; else rc=1; fi
    }
    [[ ${precmd_functions-} == *__dctx_precmd* || ! -o interactive ]] || __dctx_hang
    return $rc
}

# Status 0: the index in the user's own default folder, or in the one that the core allowed, can be read.
__dctx_usable() {
    [[ $ZSH_SUBSHELL == 0 && -z ${__dctx_n_broker+x} ]] && __dctx_free || return
    [[ $__dctx_idx == ${HOME-}/.dokploy/index && -z ${DOKPLOY_CONFIG_DIR+x} && -O ${HOME-}/.dokploy && -e $__dctx_cfg &&
        -e $__dctx_stamp && ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        ( ! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config ) ]] || {
        __dctx_flag
        __dctx_ready
    }
}

# Switch to the profile $1 by its record. Status 1: nothing was done, the core has to.
__dctx_quick_switch() {
    local us=$__dctx_us file=
    local -a part
    [[ $1 == [$__dctx_letters]* && $1 != */* ]] && __dctx_usable && [[ -r $__dctx_idx/$1 ]] || return
    part=("${(@ps:\x1f:)$(<$__dctx_idx/$1)}")
    [[ ${part[__dctx_i_format]-} == $__dctx_format && $part[__dctx_i_name] == $1 && -n $part[__dctx_i_session_key] &&
        ${DCTX_EXPORT_KEY-} != 0 ]] || return
    [[ -z $part[__dctx_i_due] ]] || ! __dctx_past $part[__dctx_i_due] || return
    if [[ -z ${__dctx_n_session-} ]]; then # the first switch: what it replaces is copied
        [[ -z ${__dctx_n_profile+x}${__dctx_n_url+x}${__dctx_n_key+x}${__dctx_n_token+x} &&
            -z ${__dctx_n_org+x}${__dctx_n_org_id+x} ]] ||
            { __dctx_load ask && __dctx_save } || return
    elif [[ -n ${__dctx_n_profile-} && $__dctx_n_session == "$__dctx_n_profile$us"* ]]; then
        [[ $__dctx_n_profile == $1 ]] || __dctx_prev=$__dctx_n_profile
    else
        return 1
    fi
    builtin export __dctx_n_profile=$1 __dctx_n_url=$part[__dctx_i_url] __dctx_n_key=$part[__dctx_i_session_key] \
        __dctx_n_org=$part[__dctx_i_org] __dctx_n_org_id=$part[__dctx_i_org_id] \
        __dctx_n_session=$1$us$part[__dctx_i_url]$us$part[__dctx_i_session_key] \
        __dctx_n_segment=$part[__dctx_i_segment] __dctx_n_state=$part[__dctx_i_state]
    builtin unset __dctx_n_token __dctx_n_shown
    [[ -n $part[__dctx_i_org] ]] || builtin unset __dctx_n_org
    [[ -n $part[__dctx_i_org_id] ]] || builtin unset __dctx_n_org_id
    # The next prompt finds its work done.
    __dctx_name=$1 __dctx_state=$part[__dctx_i_state] __dctx_shown=$part[__dctx_i_shown]
    __dctx_until=$part[__dctx_i_due] __dctx_env= __dctx_text=
    __dctx_paint
    __dctx_look
    __dctx_seen=$__dctx_now __dctx_kept=() # which may hold the last session's key
    builtin print -ru2 -- $part[__dctx_i_says]
}

# End a session that nobody touched and that replaced nothing. Status 1: nothing was done, the core has to.
__dctx_quick_off() {
    local us=$__dctx_us
    local -a part
    [[ -n ${__dctx_n_session-} && -n ${__dctx_n_profile-} && -z $__dctx_gone &&
        $__dctx_n_session == "$__dctx_n_profile$us${__dctx_n_url-}$us${__dctx_n_key-}" &&
        -z ${__dctx_n_token+x}${__dctx_n_saved_profile+x}${__dctx_n_saved_url+x}${__dctx_n_saved_key+x} &&
        -z ${__dctx_n_saved_token+x}${__dctx_n_saved_org+x}${__dctx_n_saved_org_id+x} ]] || return
    __dctx_text=
    [[ ! -e .env ]] || __dctx_dotenv
    [[ -z $__dctx_text ]] && __dctx_usable && [[ -r $__dctx_idx/.current ]] || return
    part=("${(@ps:\x1f:)$(<$__dctx_idx/.current)}")
    [[ ${part[__dctx_i_format]-} == $__dctx_format && ${part[__dctx_i_current_state]-} == ok ]] || return
    [[ -z $part[__dctx_i_due] ]] || ! __dctx_past $part[__dctx_i_due] || return
    __dctx_prev=$__dctx_n_profile
    builtin unset $__dctx_l_owned __dctx_n_session
    builtin export __dctx_n_segment=$part[__dctx_i_segment] __dctx_n_state=$part[__dctx_i_state] \
        __dctx_n_shown=$$:$part[__dctx_i_name]
    __dctx_name=$part[__dctx_i_name] __dctx_state=$part[__dctx_i_state] __dctx_shown=$part[__dctx_i_shown]
    __dctx_until=$part[__dctx_i_due] __dctx_env=
    __dctx_paint
    __dctx_look
    __dctx_seen=$__dctx_now __dctx_kept=() # which may hold the last session's key
    builtin print -ru2 -- $part[__dctx_i_says]
}

# The previous profile, and again back; before a first switch there was none.
__dctx_quick_back() {
    if [[ -n ${__dctx_n_session-} && ( -z $__dctx_prev || $__dctx_prev == ${__dctx_n_profile-} ) ]]; then
        __dctx_quick_off
    else
        [[ -n $__dctx_prev ]] && __dctx_quick_switch $__dctx_prev
    fi
}
