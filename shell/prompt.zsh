# prompt.zsh: what happens before each prompt of zsh, and when one is drawn again. After prompt.sh.

# Before each prompt. Where nothing that decides has changed since the last one, nothing is read.
__dctx_precmd() {
    [[ $- != *x* ]] || { set +x } 2>/dev/null # zsh itself turns it on again where the function ends
    local same=''
    [[ $PATH == $__dctx_shims:* && -x $__dctx_shims/dokploy ]] || __dctx_path || return 0
    ! __dctx_look || same=1
    if [[ $__dctx_flags == x* && -n $__dctx_n_profile || ! -e .env ]]; then __dctx_text=; else __dctx_dotenv; fi
    [[ -n $same && -z $__dctx_text$__dctx_env$__dctx_until ]] && __dctx_fresh || __dctx_renew
    [[ $PROMPT == *"$__dctx_reference"* && -z ${DCTX_PROMPT-} && ${psvar[96]-}${psvar[97]-} == "$__dctx_shown" ]] &&
        __dctx_percent || __dctx_place
    # Last: direnv's hook, wherever it was loaded, has then set what we read.
    [[ ${precmd_functions[-1]-} == __dctx_precmd && ${preexec_functions-} == *__dctx_preexec* ]] || __dctx_hang
    [[ ${_comps[dctx]-} == _dctx ]] || __dctx_register # compinit forgets us
    return 0 # the next hook sees the user's own status; an ERR trap would hear ours
}

# The prompt's text stands in psvar and nowhere else: that is data under every option, while a text in PROMPT would be
# expanded. 95: the colour's number, 96: the text without its blank, 97: the blank. Slots above 90 are nobody else's.
__dctx_paint() {
    local colour=${__dctx_colours#*" $__dctx_state="}
    [[ $colour != $__dctx_colours && -z ${NO_COLOR-} && -n ${TERM-} && $TERM != dumb ]] || colour=
    [[ ${(t)psvar} == *readonly* ]] || psvar[95,97]=("${colour%% *}" "${__dctx_shown% }" "${__dctx_shown:+ }")
}
__dctx_reference='%(95V.%{'$'\e''[%95vm%}.)%96v%(95V.%{'$'\e''[0m%}.)%97v'

# Put the reference into PROMPT, where % is expanded there; or out of it where the user says DCTX_PROMPT=0, or
# DCTX_PROMPT=session and the mere default is active, whose text begins with ~.
__dctx_place() {
    local lead rest hide=
    [[ ${DCTX_PROMPT-} != 0 && ${DCTX_PROMPT-}$__dctx_shown != session\~* ]] || hide=1
    __dctx_hidden=${hide:+$__dctx_state}
    # Somebody may have made psvar anew.
    [[ ${psvar[96]-}${psvar[97]-} == "$__dctx_shown" ]] || __dctx_paint
    __dctx_writable PROMPT || return 0
    if [[ -n $hide$__dctx_p10k ]] || ! __dctx_percent || ! __dctx_writable psvar; then
        [[ $PROMPT != *"$__dctx_reference"* ]] || PROMPT=${PROMPT//"$__dctx_reference"/}
    elif [[ $PROMPT != *"$__dctx_reference"* ]]; then
        __dctx_divide $PROMPT
        PROMPT=$lead$__dctx_reference$rest
    fi
}

# The rest of the prompt without what only styles it, in bare. For __dctx_divide.
__dctx_unstyled() {
    bare=$rest
    while [[ $bare == %(#b)((F|K|B|f|k|b|u|U|S|s)(\{[^\}]#\}|)|\{[^\}]#%\})* ]]; do bare=${bare#%$match[1]}; done
}

# powerlevel10k makes its prompts of segments, and shortens those that are past: there ours is one of them. Before the
# first prompt, since it reads its elements then. Where "dctx" is among them already, it stays there.
__dctx_first() {
    precmd_functions=(${precmd_functions:#__dctx_first})
    (( $+functions[p10k] )) && [[ ${DCTX_PROMPT-} != 0 ]] || return 0
    __dctx_p10k=1
    [[ " ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-} ${POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS-} " == *' dctx '* ]] ||
        typeset -ga POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dctx ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-dir vcs})
    (( $+functions[prompt_dctx] )) || functions[prompt_dctx]='__dctx_load ask && __dctx_segments'
}
__dctx_p10k= __dctx_hidden=

# Status 0: there are no prompts here, or we come before each.
__dctx_hung() {
    [[ ${precmd_functions-} == *__dctx_precmd* || ! -o interactive ]]
}

# Hang the hook in. precmd_functions may be assigned anew after us; preexec then hangs it in again.
__dctx_hang() {
    ! __dctx_writable precmd_functions ||
        typeset -ga precmd_functions=(${precmd_functions:#__dctx_precmd} __dctx_precmd)
    ! __dctx_writable preexec_functions ||
        typeset -ga preexec_functions=(${preexec_functions:#__dctx_preexec} __dctx_preexec)
}
__dctx_preexec() { __dctx_hung || __dctx_hang }

# `zle reset-prompt` in a widget that changed the folder, or in a handler that assigned PROMPT: the segment first.
__dctx_reset_prompt() {
    __dctx_precmd
    zle .reset-prompt
}

# The command. What it works with is never traced: `set -x` would print keys.
dctx() {
    [[ $- != *x* ]] || { set +x } 2>/dev/null
    [[ -x $__dctx_shims/dokploy ]] || __dctx_path || return 0
    if __dctx_main "$@"; then set -- 0; else set -- $?; fi
    __dctx_hung || __dctx_hang
    return $1
}

if [[ -o interactive ]]; then
    __dctx_hang
    ! __dctx_writable precmd_functions || precmd_functions=(__dctx_first $precmd_functions)
    [[ ! -o zle ]] || zle -N reset-prompt __dctx_reset_prompt
fi
__dctx_path
