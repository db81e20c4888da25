# dctx.zsh: the prompt and Tab of zsh. After core.sh and switch.sh; loaded under zsh emulation, so
# that these functions do not see the user's options, and overrides what zsh does better.

__dctx_shell=zsh
__dctx_clock=stamp
zmodload zsh/datetime

# `$(<file)` starts no process here; `read` makes a system call per byte.
__dctx_read() {
    [[ -r $1 ]] || return 1
    local -a parts
    local name
    parts=("${(@ps:\x1f:)$(<$1)}")
    shift
    for name; do
        : ${(P)name::=${parts[1]-}}
        (( ! $#parts )) || shift parts
    done
}

# As in core.sh; one test is quicker than three.
__dctx_same_age() {
    [[ -e $1 && ! $__dctx_cfg -nt $1 && ! $__dctx_cfg -ot $1 ]]
}

__dctx_text() {
    __dctx_reply=$(<$1)
}

# Status 0: a variable of the session is readonly; it is named in __dctx_reply. (A failing `unset`
# would end a script.)
__dctx_locked() {
    [[ ${(t)DOKPLOY_PROFILE}${(t)DOKPLOY_URL}${(t)DOKPLOY_API_KEY}${(t)DOKPLOY_AUTH_TOKEN}${(t)DCTX_ORG}${(t)DCTX_ORG_ID}${(t)_DCTX_SESSION} == *readonly* ]] || return 1
    for __dctx_reply in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG \
        DCTX_ORG_ID _DCTX_SESSION; do
        [[ ${(Pt)__dctx_reply} == *readonly* ]] && return 0
    done
    return 0
}

# What a child sees (__dctx_view).
__dctx_see() {
    local name hidden=
    for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
        (( ! ${(P)+name} )) || __dctx_exported $name || hidden+=" $name "
    done
    __dctx_view "$hidden"
}

__dctx_exported() {
    [[ ${(Pt)1} == *export* ]]
}

__dctx_past() {
    (( EPOCHSECONDS >= $1 ))
}

# The prompt's text $2 for the state $1. It stands in psvar and nowhere else: that is data under
# every option, while a text in PROMPT would be expanded. Slots above 90 are nobody else's.
__dctx_paint() {
    __dctx_ps1=$2
    __dctx_colours=('' '' '' '' '')
    [[ -n ${NO_COLOR-} ]] || case $1 in
        session) __dctx_colours[1]=1 ;;
        default) __dctx_colours[2]=1 ;;
        protected) __dctx_colours[3]=1 ;;
        env) __dctx_colours[4]=1 ;;
        unknown) __dctx_colours[5]=1 ;;
    esac
}
typeset -ga __dctx_colours
__dctx_ps1=
__dctx_reference='%(91V.%F{green}.)%(92V.%{'$'\e''[2m%}.)%(93V.%F{red}.)%(94V.%F{cyan}.)%(95V.%F{yellow}.)%96v%(91V.%f.)%(92V.%{'$'\e''[0m%}.)%(93V.%f.)%(94V.%f.)%(95V.%f.)%97v'

__dctx_path() {
    [[ $PATH == "$__dctx_shims":* ]] && return
    local rest=:$PATH:
    while [[ $rest == *:"$__dctx_shims":* ]]; do rest=${rest/":$__dctx_shims:"/:}; done
    rest=${rest#:}
    PATH=$__dctx_shims:${rest%:}
}

# Before each prompt. Nothing that it reads has changed since the last one: then nothing is read.
__dctx_precmd() {
    local rc=$? trace=
    [[ $- != *x* ]] || { set +x && trace=x; } 2>/dev/null
    __dctx_precmd_body
    [[ -z $trace ]] || set -x
    return $rc
}

__dctx_precmd_body() {
    __dctx_path
    local us=$__dctx_us key stamp=$__dctx_idx/.stamp.$__dctx_gen anew=
    while
        key=${(t)DOKPLOY_PROFILE}${(t)DOKPLOY_URL}${(t)DOKPLOY_API_KEY}${(t)DOKPLOY_AUTH_TOKEN}${(t)DOKPLOY_CONFIG_DIR}$us$PWD$us${DOKPLOY_PROFILE-}$us${DOKPLOY_URL-$us}$us${DOKPLOY_API_KEY-$us}$us${DOKPLOY_AUTH_TOKEN-$us}$us${_DCTX_SESSION-}$us${DOKPLOY_CONFIG_DIR-}$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}
        [[ -z $anew ]]
    do
        [[ $key != $__dctx_key || -n $__dctx_env || ! -e $stamp || ! -e $__dctx_cfg || $__dctx_cfg -nt $stamp || $__dctx_cfg -ot $stamp ]] ||
            { [[ -z $__dctx_v_profile && -e .env ]] && __dctx_env_speaks; } ||
            { [[ -n $__dctx_due ]] && __dctx_past $__dctx_due } || break
        __dctx_refresh
        psvar[91,97]=("${__dctx_colours[@]}" "${__dctx_ps1% }" "${__dctx_ps1:+ }")
        anew=1
    done
    __dctx_key=$key
    if [[ ${DCTX_PROMPT-} == 0 ]]; then
        PROMPT=${PROMPT//"$__dctx_reference"/}
    else
        [[ $PROMPT == *"$__dctx_reference"* ]] || PROMPT=$__dctx_reference$PROMPT
        # Somebody may have made psvar anew.
        [[ ${psvar[96]-} == "${__dctx_ps1% }" ]] ||
            psvar[91,97]=("${__dctx_colours[@]}" "${__dctx_ps1% }" "${__dctx_ps1:+ }")
    fi
    # Last: direnv's hook, wherever it was loaded, has then set what we read at the next prompt.
    if [[ ${precmd_functions[-1]-} != __dctx_precmd ]]; then
        precmd_functions=(${precmd_functions:#__dctx_precmd} __dctx_precmd)
    fi
    [[ ${_comps[dctx]-} == _dctx ]] || __dctx_register # compinit forgets us
}

# Names for Tab: the index's own files, so no process.
__dctx_names() {
    local -a names
    local expl __dctx_hush=1
    __dctx_ready || return 1
    names=($__dctx_idx/*(N:t) ${(ps:\x1f:)"$(<$__dctx_idx/.others)"})
    _wanted -V profiles expl profile compadd -a names
}

# The first word is a name; or a command, where nothing is typed or no name begins like that.
_dctx() {
    setopt local_options $_comp_options
    local -a commands
    case $CURRENT:${words[2]-} in
        2:*)
            __dctx_names && [[ -n $PREFIX ]] && return
            commands=(${(f)__dctx_commands})
            _describe -t commands command commands
            ;;
        3:rename | 3:exec) __dctx_names ;;
        *:(--|switch|use|rm|remove|env|protect|unprotect|verify|rotate)) __dctx_names ;;
        *:exec)
            local skip=$words[(i)--]
            (( skip < CURRENT )) || skip=3
            shift $skip words
            (( CURRENT -= skip ))
            _normal
            ;;
        *:import) _files ;;
    esac
}

# `dokploy --profile NAME`; the rest is left to whoever completed dokploy before us.
_dctx_dokploy() {
    setopt local_options $_comp_options
    if (( ${words[(i)--]} >= CURRENT )); then
        if [[ ${words[CURRENT-1]} == --profile ]] || compset -P '--profile='; then
            __dctx_names
            return
        fi
    fi
    ${__dctx_inner:-_default} "$@"
}

# zsh has no Tab to register with until somebody runs compinit.
__dctx_register() {
    (( $+functions[compdef] )) || return 0
    compdef _dctx dctx
    [[ ${_comps[dokploy]-} == _dctx_dokploy ]] || __dctx_inner=${_comps[dokploy]-}
    compdef _dctx_dokploy dokploy
}

if [[ -o interactive ]]; then
    typeset -ga precmd_functions
    precmd_functions=(${precmd_functions:#__dctx_precmd} __dctx_precmd)
    __dctx_register
fi
__dctx_path
__dctx_see
