# ask.bash: what ask.sh wants of bash, and the core's last answers.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086

__dctx_dialect=bash

# Status 0: the variable $1 is exported. No list ever is.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_exported() { [[ ${!1@a} == *x* && ${!1@a} != *[aA]* ]]; }
else
    __dctx_exported() { builtin compgen -A export -X "!$1" -- "$1" >/dev/null; }
fi

# Status 0: the variable $1 cannot be changed, or is a list.
__dctx_fixed() {
    ! __dctx_writable "$1" || [[ $__dctx_bash -ge 404 && ${!1@a} == *[aA]* ]]
}

# Status 0: this is a subshell, so that nothing in it reaches the terminal.
__dctx_below() {
    [[ $BASH_SUBSHELL != 0 ]]
}

# Forget what the core answered: it has changed something since, or a command is to try again.
__dctx_forget() {
    __dctx_k_seen=() __dctx_seen='' __dctx_said=''
}

# Evaluate what the core quoted. No DEBUG trap hears of it: functrace is off.
__dctx_evaluate() { command eval "$1"; }

# Keep what is shown under its fingerprint: a way back to it asks nothing. In: level $1, segment $2.
__dctx_keep() {
    local at=$__dctx_k_at
    __dctx_k_at=$(((at + 1) % 8))
    __dctx_k_seen[at]=$__dctx_seen __dctx_k_env[at]=$__dctx_env __dctx_k_cfg[at]=$__dctx_cfg
    __dctx_k_idx[at]=$__dctx_idx __dctx_k_stamp[at]=$__dctx_stamp __dctx_k_none[at]=$__dctx_none
    __dctx_k_asked[at]=$__dctx_asked __dctx_k_until[at]=$__dctx_until __dctx_k_level[at]=$1
    __dctx_k_name[at]=$__dctx_name __dctx_k_segment[at]=$2 __dctx_k_state[at]=$__dctx_state
    __dctx_k_shown[at]=$__dctx_shown
}

# Show the core's last answer for the fingerprint in __dctx_now and __dctx_text. Status 1: there is none, or it is old.
__dctx_recall() {
    local at
    for at in ${__dctx_k_seen[@]+"${!__dctx_k_seen[@]}"}; do
        [[ ${__dctx_k_seen[at]} == "$__dctx_now" ]] && builtin test "${__dctx_k_env[at]}" = "$__dctx_text" || continue
        __dctx_cfg=${__dctx_k_cfg[at]} __dctx_idx=${__dctx_k_idx[at]} __dctx_stamp=${__dctx_k_stamp[at]}
        __dctx_none=${__dctx_k_none[at]} __dctx_asked=${__dctx_k_asked[at]} __dctx_until=${__dctx_k_until[at]}
        __dctx_name=${__dctx_k_name[at]}
        if __dctx_good; then
            __dctx_show "${__dctx_k_level[at]}" "$__dctx_name" "${__dctx_k_segment[at]}" "${__dctx_k_state[at]}" \
                "${__dctx_k_shown[at]}"
            return 0
        fi
        builtin unset "__dctx_k_seen[$at]"
    done
    return 1
}
