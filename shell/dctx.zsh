# dctx.zsh: the prompt of zsh. After core.sh and prompt.sh; loaded under zsh emulation, so
# that these functions do not see the user's options, and overrides what zsh does better.

__dctx_clock=stamp
zmodload zsh/datetime

# `$(<file)` starts no process here; `read` makes a system call per byte.
__dctx_record() {
    [[ -r $1 ]] || return 1
    local -a part
    part=("${(@ps:\x1f:)$(<$1)}")
    __dctx_r_format=${part[1]-} __dctx_r_name=${part[2]-} __dctx_r_url=${part[3]-} __dctx_r_key=${part[4]-} \
        __dctx_r_ask=${part[5]-} __dctx_r_protected=${part[6]-} __dctx_r_org_id=${part[7]-} \
        __dctx_r_org=${part[8]-} __dctx_r_segment=${part[9]-} __dctx_r_due=${part[10]-} \
        __dctx_r_state=${part[12]-} __dctx_r_by=${part[13]-}
}

# What a child sees, in __dctx_v_*.
__dctx_see() {
    __dctx_v_profile=${DOKPLOY_PROFILE-} __dctx_v_url=${DOKPLOY_URL-} __dctx_v_dir=${DOKPLOY_CONFIG_DIR-} \
        __dctx_v_key=${DOKPLOY_API_KEY-} __dctx_v_key_is=${DOKPLOY_API_KEY+1} __dctx_v_token=${DOKPLOY_AUTH_TOKEN-}
    local flags=,${(t)DOKPLOY_PROFILE},${(t)DOKPLOY_URL},${(t)DOKPLOY_API_KEY},${(t)DOKPLOY_AUTH_TOKEN},${(t)DOKPLOY_CONFIG_DIR}
    [[ -z ${${flags//scalar-export/}//,/} ]] || ! __dctx_more || __dctx_hide
}

# As in core.sh; one test is quicker than three.
__dctx_same_age() {
    [[ -e $1 && ! $__dctx_cfg -nt $1 && ! $__dctx_cfg -ot $1 ]]
}

__dctx_text() {
    __dctx_reply=$(<$1)
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

# Keep the shim first on PATH, whoever put another folder there since; and off it where it is gone.
__dctx_path() {
    local rest=:$PATH:
    while [[ $rest == *:"$__dctx_shims":* ]]; do rest=${rest/":$__dctx_shims:"/:}; done
    rest=${rest#:}
    rest=${rest%:}
    if [[ -x $__dctx_shims/dokploy ]]; then rest=$__dctx_shims:$rest __dctx_gone=; else __dctx_gone=1; fi
    [[ $rest == $PATH ]] || PATH=$rest # zsh then forgets where it found commands
}

# Emulation has put all of the user's options aside, but for a trace: that is off in the functions
# that say so, and zsh itself turns it on again where they end.
__dctx_calm() {
    :
}
__dctx_restore() {
    __dctx_calmed=
}

# Before each prompt. Nothing that it reads has changed since the last one: then nothing is read.
__dctx_precmd() {
    local us=$__dctx_us anew= key stamp=$__dctx_idx/.stamp.$__dctx_gen
    [[ $- != *x* ]] || { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null
    [[ $PATH == "$__dctx_shims":* && -x $__dctx_shims/dokploy ]] || __dctx_path
    while
        __dctx_see
        key=$PWD$us$__dctx_v_profile$us$__dctx_v_url$us$__dctx_v_key_is$__dctx_v_key$us$__dctx_v_token$us${_DCTX_SESSION-}$us$__dctx_v_dir$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}$us$__dctx_gen$__dctx_gone
        [[ -z $anew ]]
    do
        [[ $key != $__dctx_key || -n $__dctx_env || ! -e $stamp || ! -e $__dctx_cfg || $__dctx_cfg -nt $stamp || $__dctx_cfg -ot $stamp ]] ||
            { [[ -z $__dctx_v_profile && -e .env ]] && __dctx_env_speaks; } ||
            { [[ -n $__dctx_due ]] && __dctx_past $__dctx_due } || break
        __dctx_refresh || :
        __dctx_paint "$__dctx_shown_state" "$__dctx_shown"
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
    [[ -z $__dctx_calmed ]] || __dctx_restore
    return 0 # the next hook sees the user's own status; an ERR trap would hear ours
}

# zsh has no Tab to register with until somebody runs compinit.
__dctx_register() {
    (( $+functions[compdef] )) || return 0
    compdef _dctx dctx
    [[ ${_comps[dokploy]-} == _dctx_dokploy ]] || __dctx_inner=${_comps[dokploy]-}
    compdef _dctx_dokploy dokploy
}

# Tab, as the rest, comes with __dctx_more; a first Tab calls what that defines.
_dctx() {
    __dctx_more && _dctx_tab "$@"
}
_dctx_dokploy() {
    __dctx_more && _dctx_tab_dokploy "$@"
}

# What __dctx_more loads. An upgrade since this terminal began: the whole hook, first.
__dctx_fetch() {
    local folder=${__dctx_shims%/*} build=
    if [[ -r $folder/more.sh && -r $folder/tab.zsh ]]; then
        IFS= builtin read -r build <$folder/more.sh
        [[ $build == "# $__dctx_build" || ! -r $folder/hook.zsh ]] || . $folder/hook.zsh
        builtin emulate sh -o no_aliases -c '. "$folder/more.sh"'
        builtin emulate zsh -o no_aliases -c '. "$folder/tab.zsh"'
    else
        [[ -n $__dctx_told && ${funcstack[2]-} != dctx ]] || builtin printf 'dctx: %s is gone. Install dctx again, then run: dctx install\n' $folder/more.sh >&2
        __dctx_told=1
        return 1
    fi
}

if [[ -o interactive ]]; then
    typeset -ga precmd_functions
    precmd_functions=(${precmd_functions:#__dctx_precmd} __dctx_precmd)
    __dctx_register
fi
__dctx_path
