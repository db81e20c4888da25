# prompt.zsh: what happens before each prompt of zsh, and when one is drawn again. After core.zsh.

# Before each prompt. Where nothing that decides has changed since the last one, nothing is read.
__dctx_precmd() {
    [[ $- != *x* ]] || { set +x } 2>/dev/null # zsh itself turns it on again where the function ends
    [[ $PATH == $__dctx_shims:* && -x $__dctx_shims/dokploy ]] || __dctx_path
    __dctx_look
    if [[ $__dctx_now == scalar-export=[^$__dctx_us]* || ! -e .env ]]; then __dctx_text=; else __dctx_dotenv; fi
    # As __dctx_fresh, which takes longer.
    [[ $__dctx_now == "$__dctx_seen" && -z $__dctx_text$__dctx_env$__dctx_until && -e $__dctx_stamp && -e $__dctx_cfg &&
        ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        ( ! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config ) ]] || __dctx_renew
    [[ $PROMPT == *"$__dctx_reference"* && -z ${DCTX_PROMPT-} && ${psvar[97]-} == "$__dctx_psvar" ]] &&
        __dctx_percent || __dctx_place
    # Last: direnv's hook, wherever it was loaded, has then set what we read.
    [[ ${precmd_functions[-1]-} == __dctx_precmd && ${preexec_functions-} == *__dctx_preexec* ]] || __dctx_hang
    [[ ${_comps[dctx]-} == _dctx ]] || __dctx_register # compinit forgets us
    return 0 # the next hook sees the user's own status; an ERR trap would hear ours
}

# Find the segment, unless what is shown is still good.
__dctx_renew() {
    if [[ $__dctx_now == "$__dctx_seen" && $__dctx_text == "$__dctx_env" ]] && __dctx_good; then return 0; fi
    __dctx_flag
    if __dctx_quick || { (( $#__dctx_kept )) && __dctx_recall }; then
        __dctx_seen=$__dctx_now __dctx_env=$__dctx_text
    else
        __dctx_ask prompt || [[ $? != 125 ]] || __dctx_lost
    fi
}

# The core gave no answer, so nobody knows what the next command would use.
__dctx_lost() {
    __dctx_seen=$__dctx_now __dctx_env=$__dctx_text __dctx_stamp= __dctx_none= __dctx_until= __dctx_asked=${SECONDS%.*}
    if [[ $__dctx_flags == x* && -n ${__dctx_n_profile-} ]]; then
        __dctx_show 2 '' '?' unknown '(?) '
    else
        __dctx_show 4 '' '?' unknown '(?) '
    fi
}

# The quick road: show what the next `dokploy` uses, in the states that people live in. It copies finished fields and
# decides nothing: status 1 means that only the core can tell.
__dctx_quick() {
    local us=$__dctx_us level=2 own= file host
    local -a part
    case $__dctx_flags in
    x,x,x,,x,,*) # a session that nobody touched
        [[ -n $__dctx_n_profile && $__dctx_n_session == "$__dctx_n_profile$us$__dctx_n_url$us$__dctx_n_key" ]] || return
        file=$__dctx_n_profile own=1
        ;;
    x,,,,,,*) file=${__dctx_n_profile-} ;; # DOKPLOY_PROFILE alone
    ,,,,,,*) file= ;;
    ,x,x,,,,* | ,x,x,x,,,* | ,x,x,,x,,* | ,x,x,x,x,,*)
        # Beside a session of ours that lost its profile the pair may be ours; without the wrapper it decides.
        [[ -z ${__dctx_n_session-} || -n $__dctx_gone ]] || return
        [[ $__dctx_n_url == http(s|)://* && -n $__dctx_n_key ]] || return
        host=${${__dctx_n_url#*://}%%/*}
        [[ -n $host && $host != *[^$__dctx_letters.:-]* && $#host -le $(( __dctx_shown_max - 4 )) ]] || return
        __dctx_none=2 __dctx_stamp= __dctx_until=
        __dctx_show 3 '' env:$host env "(env:$host) "
        return 0
        ;;
    *) return 1 ;;
    esac
    [[ -z $__dctx_gone || -n $own ]] || return # without the wrapper no command sees a profile
    if [[ -z $file ]]; then
        [[ -z $__dctx_text ]] || return
        level=4 file=.current
    elif [[ $file != [$__dctx_letters]* || $file == */* ]]; then
        return 1
    fi
    if ! __dctx_ready; then
        [[ $level$__dctx_none == 41 ]] || return
        __dctx_until=
        __dctx_show 5 '' '' '' ''
        return 0
    fi
    [[ -r $__dctx_idx/$file ]] || return
    part=("${(@ps:\x1f:)$(<$__dctx_idx/$file)}") # no process in zsh; `read` makes a system call per byte
    [[ ${part[__dctx_i_format]-} == $__dctx_format ]] || return
    case $level${part[__dctx_i_current_state]-} in
    2)
        [[ $part[__dctx_i_name] == $file ]] || return
        [[ -z $own ]] || [[ $part[__dctx_i_url] == $__dctx_n_url && $part[__dctx_i_session_key] == $__dctx_n_key &&
            ${DCTX_EXPORT_KEY-} != 0 && $part[__dctx_i_org] == ${__dctx_n_org-} &&
            $part[__dctx_i_org_id] == ${__dctx_n_org_id-} ]] || return
        ;;
    4ok) ;;
    4none | 4unset) level=5 ;;
    *) return 1 ;;
    esac
    __dctx_until=$part[__dctx_i_due]
    [[ -z $__dctx_until ]] || ! __dctx_past $__dctx_until || return
    __dctx_show $level "$part[__dctx_i_name]" "$part[__dctx_i_segment]" "$part[__dctx_i_state]" "$part[__dctx_i_shown]"
}

# The prompt's text stands in psvar and nowhere else: that is data under every option, while a text in PROMPT would be
# expanded. 95: the colour's number, 96: the text without its blank, 97: the blank. Slots above 90 are nobody else's.
__dctx_paint() {
    local colour=
    # A field that is no plain word is never a part of a variable's name: a subscript in it could be run.
    if [[ -n $__dctx_state && $__dctx_state != *[^$__dctx_letters]* && -z ${NO_COLOR-} && -n ${TERM-} && $TERM != dumb ]]
    then
        colour=__dctx_colour_$__dctx_state
        colour=${(P)colour-}
    fi
    __dctx_psvar=${__dctx_shown:+ }
    [[ ${(t)psvar} == *readonly* ]] || psvar[95,97]=("$colour" "${__dctx_shown% }" "$__dctx_psvar")
}
__dctx_psvar= __dctx_reference='%(95V.%{'$'\e''[%95vm%}.)%96v%(95V.%{'$'\e''[0m%}.)%97v'

# Put the reference into PROMPT, where % is expanded there; or out of it where the user says DCTX_PROMPT=0.
__dctx_place() {
    local lead= rest=$PROMPT bare
    # Somebody may have made psvar anew.
    [[ ${psvar[97]-} == "$__dctx_psvar" && ${psvar[96]-} == "${__dctx_shown% }" ]] || __dctx_paint
    [[ ${(t)PROMPT} != *readonly* ]] || return 0
    if [[ ${DCTX_PROMPT-} == 0 || -n $__dctx_p10k ]] || ! __dctx_percent || [[ ${(t)psvar} == *readonly* ]]; then
        [[ $PROMPT != *"$__dctx_reference"* ]] || PROMPT=${PROMPT//"$__dctx_reference"/}
    elif [[ $PROMPT != *"$__dctx_reference"* ]]; then
        # Behind empty lines; and behind the first line of a frame, whose lines would no longer meet.
        while [[ $rest == $'\n'* ]]; do lead+=$'\n' rest=${rest#?}; done
        bare=$rest
        while [[ $bare == %(#b)((F|K|B|f|k|b|u|U|S|s)(\{[^\}]#\}|)|\{[^\}]#%\})* ]]; do bare=${bare#%$match[1]}; done
        if [[ $bare == (┌|╭|╔|┏)*$'\n'* ]]; then lead+=${rest%%$'\n'*} rest=$'\n'${rest#*$'\n'}; fi
        PROMPT=$lead$__dctx_reference$rest
    fi
}

# powerlevel10k makes its prompts of segments, on one line or two, and shortens those that are past: there ours is one of
# them. Before the first prompt, since it reads its elements then. Where "dctx" is among them already, it stays there.
__dctx_first() {
    precmd_functions=(${precmd_functions:#__dctx_first})
    (( $+functions[p10k] )) && [[ ${DCTX_PROMPT-} != 0 ]] || return 0
    __dctx_p10k=1
    [[ " ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-} ${POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS-} " == *' dctx '* ]] ||
        typeset -ga POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dctx ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-dir vcs})
    (( $+functions[prompt_dctx] )) || functions[prompt_dctx]='__dctx_load ask && __dctx_segments'
}
__dctx_p10k=

# Keep the wrapper's folder first on PATH, whoever put another one there since; and off PATH where it is gone.
__dctx_path() {
    local rest=:$PATH:
    while [[ $rest == *:"$__dctx_shims":* ]]; do rest=${rest/":$__dctx_shims:"/:}; done
    rest=${rest#:}
    rest=${rest%:}
    if [[ -x $__dctx_shims/dokploy ]]; then rest=$__dctx_shims:$rest __dctx_gone=; else __dctx_gone=1; fi
    [[ $rest == $PATH || ${(t)PATH} == *readonly* ]] || PATH=$rest # zsh then forgets where it found commands
}

# Hang the hook in. precmd_functions may be assigned anew after us; preexec then hangs it in again.
__dctx_hang() {
    if [[ ${(t)precmd_functions} != *readonly* ]]; then
        typeset -ga precmd_functions
        precmd_functions=(${precmd_functions:#__dctx_precmd} __dctx_precmd)
    fi
    if [[ ${(t)preexec_functions} != *readonly* ]]; then
        typeset -ga preexec_functions
        preexec_functions=(${preexec_functions:#__dctx_preexec} __dctx_preexec)
    fi
}
__dctx_preexec() {
    [[ ${precmd_functions-} == *__dctx_precmd* ]] || __dctx_hang
}

# `zle reset-prompt` in a widget that changed the folder, or in a handler that assigned PROMPT: the segment first.
__dctx_reset_prompt() {
    __dctx_precmd
    zle .reset-prompt
}

# zsh has no Tab to register with until somebody runs compinit.
__dctx_register() {
    (( $+functions[compdef] )) || return 0
    compdef _dctx dctx
    [[ ${_comps[dokploy]-} == _dctx_dokploy ]] || __dctx_inner=${_comps[dokploy]-}
    compdef _dctx_dokploy dokploy
}

# The command comes with the first `dctx`. Without that file the core does what it can: it says what is missing.
dctx() {
    if __dctx_load session; then
        dctx "$@"
    elif [[ -x $__dctx_bin ]]; then
        "$__dctx_bin" "$@"
    else
        return 1
    fi
}

# Tab comes with the rest of the hook, at the first Tab.
_dctx() {
    __dctx_load tab && _dctx_tab "$@"
}
_dctx_dokploy() {
    __dctx_load tab && _dctx_tab_dokploy "$@"
}

if [[ -o interactive ]]; then
    __dctx_hang
    [[ ${(t)precmd_functions} == *readonly* ]] || precmd_functions=(__dctx_first $precmd_functions)
    __dctx_register
    [[ ! -o zle ]] || zle -N reset-prompt __dctx_reset_prompt
fi
__dctx_path
