# ask.zsh: what ask.sh wants of zsh.

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
    eval $1
}
