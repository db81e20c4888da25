# prompt.bash: what happens before each prompt of bash. After prompt.sh.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229,SC2015

# Before each prompt. Where nothing that decides has changed since the last one, nothing is read.
__dctx_prompt() {
    local rc="$?" same=''
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[xauvTE]*:* | *:a) { __dctx_calm; } 2>/dev/null ;; esac
    [[ $PATH == "$__dctx_shims":* && -x $__dctx_shims/dokploy ]] || __dctx_path || return 0
    ! __dctx_look || same=1
    if [[ $__dctx_flags == x* && -n $__dctx_n_profile || ! -e .env ]]; then __dctx_text=; else __dctx_dotenv; fi
    [[ -n $same && -z $__dctx_text$__dctx_env$__dctx_until ]] && __dctx_fresh || __dctx_renew
    [[ ${PS1-} == *"$__dctx_reference"* && -z ${DCTX_PROMPT-}${STARSHIP_SHELL-} ]] && __dctx_hung || __dctx_hang
    __dctx_ran=1
    [[ -z $__dctx_calmed ]] || __dctx_restore
    # bash 5.1 gives each element of the list the user's own status back; `set -e` and an ERR trap hear ours.
    [[ $__dctx_bash -ge 501 || $- == *e* ]] || return "$rc"
}

# The prompt's text in the colour of its state, in __dctx_ps1. \[ \] are decoded before a variable is expanded, hence
# \001 \002; without a line editor nobody takes those away.
__dctx_paint() {
    __dctx_ps1=${__dctx_colours#*" $__dctx_state="}
    if [[ $__dctx_ps1 == "$__dctx_colours" || -n ${NO_COLOR-} || -z ${TERM-} || $TERM == dumb ]]; then
        __dctx_ps1=$__dctx_shown
    elif [[ -o emacs || -o vi ]]; then
        __dctx_ps1=$'\001\e['${__dctx_ps1%% *}$'m\002'${__dctx_shown% }$'\001\e[0m\002 '
    else
        __dctx_ps1=$'\e['${__dctx_ps1%% *}$'m'${__dctx_shown% }$'\e[0m '
    fi
}

# The prompt holds a reference, never the text: `$(id)` in an organization's name is then just text. Each prompt that
# is drawn uses up __dctx_ran, which __dctx_prompt sets: a prompt that is drawn without it, since somebody assigned
# PROMPT_COMMAND anew, shows element 1, "?", and no segment that may be old.
# shellcheck disable=SC2016
__dctx_reference='${__dctx_ps1[__dctx_ran?(__dctx_ran=0):1]-}'

# Status 0: there are no prompts here, or we come before each.
__dctx_hung() { [[ "${PROMPT_COMMAND[*]-}" == *__dctx_prompt* || $- != *i* ]]; }

# Put the reference into PS1, and __dctx_prompt into PROMPT_COMMAND; or out of PS1 where the user says DCTX_PROMPT=0, or
# DCTX_PROMPT=session and the mere default is active, whose text begins with ~.
__dctx_hang() {
    local lead rest
    # starship makes PS1 anew, from DCTX_SEGMENT: it runs this text just before.
    if [[ -n ${STARSHIP_SHELL-} && ${STARSHIP_PROMPT_COMMAND-} != *__dctx_prompt* ]] &&
        declare -F starship_precmd >/dev/null; then
        STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND$__dctx_nl}__dctx_prompt
        starship_precmd
    fi
    [[ "${PROMPT_COMMAND[*]-}" == *__dctx_prompt* ]] || ! __dctx_writable PROMPT_COMMAND || __dctx_hook
    if [[ ${DCTX_PROMPT-} == 0 || ${DCTX_PROMPT-}$__dctx_shown == 'session~'* ]]; then
        [[ ${PS1-} != *"$__dctx_reference"* ]] || ! __dctx_writable PS1 || PS1=${PS1//"$__dctx_reference"/}
    elif [[ ${PS1-} != *"$__dctx_reference"* ]] && shopt -q promptvars && __dctx_writable PS1; then
        __dctx_divide "${PS1-}"
        PS1=$lead$__dctx_reference$rest
    fi
}

# The rest of the prompt without what only styles it, in bare. For __dctx_divide.
__dctx_unstyled() {
    bare=$rest
    while [[ $bare == '\['*'\]'* ]]; do bare=${bare#*'\]'}; done
}

# Append __dctx_prompt to PROMPT_COMMAND: direnv and mise put theirs first, and ours must see what they set. As an
# element of its own where bash knows lists (5.1): starship and others replace the first one. Before that it is one
# text, which a child without the hook may inherit: there the expansion leaves no word.
__dctx_hook() {
    if [[ $__dctx_bash -ge 501 ]]; then
        PROMPT_COMMAND=${PROMPT_COMMAND-}
        PROMPT_COMMAND+=(__dctx_prompt)
    else
        # shellcheck disable=SC2128,SC2178  # a text, before 5.1
        while [[ ${PROMPT_COMMAND-} == *[$'; \t\n'] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
        # shellcheck disable=SC2016,SC2128,SC2178
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND; }'${__dctx_bash:+"__dctx_prompt"}'
    fi
}

# Run "$@" without the user's options. What it works with is never traced: `set -x` would print keys.
__dctx_calmly() {
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[xauvTE]*:* | *:a) { __dctx_calm; } 2>/dev/null ;; esac
    [[ -x $__dctx_shims/dokploy ]] || __dctx_path || return 0
    if "$@"; then set -- 0; else set -- $?; fi
    __dctx_hung || __dctx_hang
    [[ -z $__dctx_calmed ]] || __dctx_restore
    return "$1"
}
dctx() { __dctx_calmly __dctx_main "$@"; }

__dctx_ran=1 __dctx_ps1=('' '(?) ')
[[ $- != *i* ]] || __dctx_hang
__dctx_path
