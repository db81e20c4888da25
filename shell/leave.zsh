# leave.zsh: what leave.sh wants of zsh.

# Take the hook out of prompt and Tab, and forget all that is called __dctx_*.
__dctx_remove() {
    [[ $PROMPT != *"$__dctx_reference"* ]] || ! __dctx_writable PROMPT || PROMPT=${PROMPT//"$__dctx_reference"/}
    ! __dctx_writable psvar || psvar[95,97]=()
    ! __dctx_writable precmd_functions || precmd_functions=(${precmd_functions:#__dctx_*})
    ! __dctx_writable preexec_functions || preexec_functions=(${preexec_functions:#__dctx_*})
    [[ ! -o zle || ${widgets[reset-prompt]-} != user:__dctx_reset_prompt ]] || zle -A .reset-prompt reset-prompt
    [[ ${_comps[dctx]-} != _dctx ]] || unset '_comps[dctx]'
    if [[ ${_comps[dokploy]-} == _dctx_dokploy ]]; then
        if [[ -n ${__dctx_inner-} ]]; then _comps[dokploy]=$__dctx_inner; else unset '_comps[dokploy]'; fi
    fi
    if (( $+functions[prompt_dctx] )); then
        # powerlevel10k goes on calling it.
        functions[prompt_dctx]=:
        POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS:#dctx})
    fi
    unfunction -m '__dctx_*' '_dctx*' dctx
    unset -m '__dctx_*'
}
