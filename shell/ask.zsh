# ask.zsh: what ask.sh wants of zsh; and powerlevel10k.

# Status 0: the variable $1 cannot be changed, or is no plain text.
__dctx_fixed() {
    local kind=${(Pt)1}
    [[ -n ${${kind//scalar/}//-export/} ]]
}

# Evaluate what the core quoted, so that no DEBUG trap hears of it.
__dctx_evaluate() {
    setopt local_options local_traps
    trap - DEBUG
    eval $1
}

# In powerlevel10k: a segment per state, each shown while that is the state when the prompt is drawn, which is after
# powerlevel10k asked; and not while __dctx_hidden is that state, since the user wants none.
__dctx_segments() {
    local state colour
    for state in ${=__dctx_colours}; do
        colour=${state#*=} state=${state%=*}
        p10k segment -s ${(U)state} -f $(( colour < 30 ? 8 : colour - 30 )) -t %96v \
            -c "\${\${(M)__dctx_state:#$state}:#\$__dctx_hidden}"
    done
}
