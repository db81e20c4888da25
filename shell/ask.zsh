# ask.zsh: what ask.sh wants of zsh, and the core's last answers; powerlevel10k.

__dctx_dialect=zsh

# Status 0: the variable $1 is exported.
__dctx_exported() {
    [[ ${(Pt)1} == *export* && ${(Pt)1} != *(array|association)* ]]
}

# Status 0: the variable $1 cannot be changed, or is a list.
__dctx_fixed() {
    local kind=${(Pt)1}
    [[ -n ${${kind//scalar/}//-export/} ]]
}

# Status 0: this is a subshell, so that nothing in it reaches the terminal.
__dctx_below() {
    [[ $ZSH_SUBSHELL != 0 ]]
}

# Forget what the core answered: it has changed something since, or a command is to try again.
__dctx_forget() {
    __dctx_kept=() __dctx_seen= __dctx_said=
}

# Evaluate what the core quoted, so that no DEBUG trap hears of it.
__dctx_evaluate() {
    setopt local_options local_traps
    trap - DEBUG
    builtin eval $1
}

# Keep what is shown under its fingerprint: a way back to it asks nothing. In: level $1, segment $2.
__dctx_keep() {
    __dctx_kept=("$__dctx_seen" "$__dctx_env" "$__dctx_cfg" "$__dctx_idx" "$__dctx_stamp" "$__dctx_none" "$__dctx_asked"
        "$__dctx_until" "$1" "$__dctx_name" "$2" "$__dctx_state" "$__dctx_shown" "${(@)__dctx_kept[1,91]}")
}

# Show the core's last answer for the fingerprint in __dctx_now and __dctx_text. Status 1: there is none, or it is old.
__dctx_recall() {
    local -i at
    for (( at = 1; at < $#__dctx_kept; at += 13 )); do
        [[ $__dctx_kept[at] == "$__dctx_now" && $__dctx_kept[at+1] == "$__dctx_text" ]] || continue
        __dctx_cfg=$__dctx_kept[at+2] __dctx_idx=$__dctx_kept[at+3] __dctx_stamp=$__dctx_kept[at+4]
        __dctx_none=$__dctx_kept[at+5] __dctx_asked=$__dctx_kept[at+6] __dctx_until=$__dctx_kept[at+7]
        __dctx_good || return
        __dctx_show "${(@)__dctx_kept[at+8,at+12]}"
        return 0
    done
    return 1
}

# In powerlevel10k: a segment per state, each shown while that is the state when the prompt is drawn, since powerlevel10k
# asks before we look.
__dctx_segments() {
    local state colour
    for state in ${parameters[(I)__dctx_colour_*]}; do
        colour=${(P)state} state=${state#__dctx_colour_}
        p10k segment -s ${(U)state} -f $(( colour < 30 ? 8 : colour - 30 )) -c "\${(M)__dctx_state:#$state}" -t %96v
    done
}
