# dctx.bash: the prompt of bash (3.2 on). After core.sh and prompt.sh.
# shellcheck shell=bash disable=SC2154  # the shared names come from there

__dctx_bash=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
# bash 3.2 (macOS) compares whole seconds.
__dctx_clock=stamp
[[ $__dctx_bash -ge 400 ]] || __dctx_clock=coarse

# `builtin`: a user's function may be called read. (`command read` ends bash 3.2 under `set -e`,
# even in a condition.)
__dctx_record() {
    [[ -r $1 ]] || return 1
    IFS=$__dctx_us builtin read -r __dctx_r_format __dctx_r_name __dctx_r_url __dctx_r_key __dctx_r_ask \
        __dctx_r_protected __dctx_r_org_id __dctx_r_org __dctx_r_segment __dctx_r_due \
        __dctx_r_headers __dctx_r_state __dctx_r_by <"$1" || return
    __dctx_r_headers= # for the shim alone: no secret stays here that nobody needs
}

# What a child sees, in __dctx_v_*. Before 4.4 bash tells what is exported only by a list on stdout: it
# goes through a file, and in a session of ours it is not asked for.
__dctx_see() {
    __dctx_v_profile=${DOKPLOY_PROFILE-} __dctx_v_url=${DOKPLOY_URL-} __dctx_v_dir=${DOKPLOY_CONFIG_DIR-} \
        __dctx_v_key=${DOKPLOY_API_KEY-} __dctx_v_key_is=${DOKPLOY_API_KEY+1} __dctx_v_token=${DOKPLOY_AUTH_TOKEN-}
    if [[ $__dctx_bash -ge 404 ]]; then
        # Not only "x" before each comma.
        case ,${DOKPLOY_PROFILE+${DOKPLOY_PROFILE@a},}${DOKPLOY_URL+${DOKPLOY_URL@a},}${DOKPLOY_API_KEY+${DOKPLOY_API_KEY@a},}${DOKPLOY_AUTH_TOKEN+${DOKPLOY_AUTH_TOKEN@a},}${DOKPLOY_CONFIG_DIR+${DOKPLOY_CONFIG_DIR@a},} in
        *[!x,]* | *,,*) ! __dctx_more || __dctx_hide ;;
        esac
        return
    fi
    __dctx_blind=
    case ${_DCTX_SESSION-}${DOKPLOY_CONFIG_DIR+x} in
    "$__dctx_v_profile$__dctx_us$__dctx_v_url$__dctx_us$__dctx_v_key") ;; # our switch exported them
    *)
        [[ -z ${DOKPLOY_PROFILE+x}${DOKPLOY_URL+x}${DOKPLOY_API_KEY+x}${DOKPLOY_AUTH_TOKEN+x}${DOKPLOY_CONFIG_DIR+x} ]] ||
            ! __dctx_more || __dctx_hide
        ;;
    esac
}

# As in core.sh; one test is quicker than three.
__dctx_same_age() {
    [[ -e $1 && ! $__dctx_cfg -nt $1 && ! $__dctx_cfg -ot $1 ]]
}

# The text of the file $1, in __dctx_reply. read -d '' stops at a NUL, hence the loop.
__dctx_text() {
    local part=
    __dctx_reply=
    while IFS= builtin read -r -d '' part; do __dctx_reply+=$part; done <"$1"
    __dctx_reply+=$part
}

# Status 0: the time $1 (seconds since 1970) is past. Before 4.2 no built-in knows the time: there
# the terminal's own time is compared with the index's file for the profile $2.
if [[ -n ${EPOCHSECONDS-} ]]; then
    __dctx_past() { ((EPOCHSECONDS >= $1)); }
elif [[ $__dctx_bash -ge 402 ]]; then
    __dctx_past() {
        local now
        printf -v now '%(%s)T' -1
        ((now >= $1))
    }
else
    __dctx_past() { [[ /dev/fd/0 -nt $__dctx_idx/.due.$2 ]]; }
fi

# The prompt's text $2 in the colour of the state $1, in __dctx_ps1. \[ \] are decoded before a
# variable is expanded, hence \001 \002.
__dctx_paint() {
    local colour=
    if [[ -z ${NO_COLOR-} ]]; then
        case $1 in
        session) colour=32 ;;
        default) colour=2 ;;
        protected) colour=31 ;;
        env) colour=36 ;;
        unknown) colour=33 ;;
        esac
    fi
    if [[ -n $colour && (-o emacs || -o vi) ]]; then # else nobody takes the marks away
        __dctx_ps1=$'\001\e['$colour$'m\002'${2% }$'\001\e[0m\002 '
    elif [[ -n $colour ]]; then
        __dctx_ps1=$'\e['$colour$'m'${2% }$'\e[0m '
    else
        __dctx_ps1=$2
    fi
}

# Status 0: the variable $1 is not readonly. `local` of a readonly one fails in all versions, and
# changes nothing.
__dctx_writable() {
    # shellcheck disable=SC2163  # the variable that is named
    local "$1"
}

# Keep the shim first on PATH, whoever put another folder there since; and off it where it is gone.
__dctx_path() {
    local path=:$PATH:
    while [[ $path == *:"$__dctx_shims":* ]]; do path=${path/":$__dctx_shims:"/:}; done
    path=${path#:}
    path=${path%:}
    if [[ -x $__dctx_shims/dokploy ]]; then path=$__dctx_shims:$path __dctx_gone=; else __dctx_gone=1; fi
    [[ $path == "$PATH" ]] || ! __dctx_writable PATH 2>/dev/null || PATH=$path # bash then forgets where commands were
}

# What of the user's options would print our lines (v), export them (a) or take names for equal that
# are not (bash's nocasematch) is off while we work; and x, which would print keys: by the callers
# themselves, since zsh turns it on again where a function ends. What was on is in __dctx_calmed: after
# a Ctrl-C the next prompt puts it back.
__dctx_calm() {
    case $- in *a*) set +a && __dctx_calmed=a$__dctx_calmed ;; esac
    case $- in *v*) set +v && __dctx_calmed=v$__dctx_calmed ;; esac
    # shellcheck disable=SC2050  # under nocasematch A is a
    [[ A != a ]] || { command shopt -u nocasematch && __dctx_calmed=n$__dctx_calmed; }
}
__dctx_restore() {
    local was="$__dctx_calmed"
    __dctx_calmed=
    case $was in *n*) command shopt -s nocasematch ;; esac
    case $was in *a*) set -a ;; esac
    case $was in *v*) set -v ;; esac
    case $was in *x*) set -x ;; esac
}

# Before each prompt. Nothing that it reads has changed since the last one: then nothing is read.
__dctx_prompt() {
    local rc=$? us=$__dctx_us anew='' key
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[av]*:* | *:a) __dctx_calm ;; esac
    [[ $PATH == "$__dctx_shims":* && -x $__dctx_shims/dokploy ]] || __dctx_path
    while
        __dctx_see
        key=$PWD$us$__dctx_v_profile$us$__dctx_v_url$us$__dctx_v_key_is$__dctx_v_key$us$__dctx_v_token$us${_DCTX_SESSION-}$us$__dctx_v_dir$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}$us$__dctx_gen$__dctx_gone$us$__dctx_blind
        [[ -z $anew ]]
    do
        [[ $key != "$__dctx_key" || -z $__dctx_gen || $__dctx_cfg -nt $__dctx_idx/.$__dctx_clock.$__dctx_gen ||
            $__dctx_cfg -ot $__dctx_idx/.$__dctx_clock.$__dctx_gen || -n $__dctx_env ]] ||
            { [[ -z $__dctx_v_profile && -e .env ]] && __dctx_env_speaks; } ||
            { [[ -n $__dctx_due ]] && __dctx_past "$__dctx_due" "$__dctx_name"; } || break
        __dctx_refresh || :
        __dctx_paint "$__dctx_shown_state" "$__dctx_shown"
        anew=1
    done
    __dctx_key=$key
    # starship makes PS1 anew, from DCTX_SEGMENT: it runs this text just before.
    if [[ -n ${STARSHIP_SHELL-} && ${STARSHIP_PROMPT_COMMAND-} != *__dctx_prompt* ]] && declare -F starship_precmd >/dev/null; then
        STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND$__dctx_nl}__dctx_prompt
        starship_precmd
    fi
    [[ " ${PROMPT_COMMAND[*]-} " == *__dctx_prompt* ]] || __dctx_hang
    if [[ ${DCTX_PROMPT-} == 0 ]]; then
        PS1=${PS1//"$__dctx_reference"/}
    elif [[ ${PS1-} != *"$__dctx_reference"* ]] && shopt -q promptvars; then
        PS1=$__dctx_reference${PS1-}
    fi
    [[ -z $__dctx_calmed ]] || __dctx_restore
    # bash 5.1 gives each element of the list the user's own status back; `set -e` and an ERR trap hear ours.
    [[ $__dctx_bash -ge 501 || $- == *e* ]] || return "$rc"
}

# The prompt holds a reference, never the text: `$(…)` in an organization's name is then just text.
__dctx_ps1=
# shellcheck disable=SC2016
__dctx_reference='${__dctx_ps1-}'

# Hang __dctx_prompt into PROMPT_COMMAND. Appended: direnv and mise prepend theirs, and ours must see
# what they set. As an element of its own where bash knows lists (5.1): starship and the like replace
# the first one.
__dctx_hang() {
    if [[ $__dctx_bash -ge 501 ]]; then
        PROMPT_COMMAND=${PROMPT_COMMAND-}
        PROMPT_COMMAND+=(__dctx_prompt)
    else
        # shellcheck disable=SC2128,SC2178  # a text, before 5.1
        while [[ ${PROMPT_COMMAND-} == *[$'; \t\n'] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
        # shellcheck disable=SC2128,SC2178
        PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__dctx_prompt"
    fi
}

# Tab, as the rest, comes with __dctx_more; a first Tab calls what that defines.
__dctx_complete() { __dctx_at_tab __dctx_tab "$@"; }
__dctx_dokploy() { __dctx_at_tab __dctx_tab_dokploy "$@"; }
__dctx_at_tab() {
    local rc=0
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[av]*:* | *:a) __dctx_calm ;; esac
    ! __dctx_more || "$@" || rc=$?
    [[ -z $__dctx_calmed ]] || __dctx_restore
    return "$rc"
}

# Complete dokploy by __dctx_dokploy, which passes on to a function that does so already.
__dctx_wrap() {
    local spec
    if ! complete -p dokploy >/dev/null 2>&1; then
        __dctx_inner=
        complete -o bashdefault -o default -F __dctx_dokploy dokploy
    else
        spec=$(complete -p dokploy)
        [[ $spec == *' -F '* && $spec != *' -F __dctx_dokploy '* ]] || return 0
        __dctx_inner=${spec##* -F }
        __dctx_inner=${__dctx_inner%% *}
        command eval "${spec/ -F $__dctx_inner / -F __dctx_dokploy }"
    fi
}

# What __dctx_more loads. An upgrade since this terminal began: the whole hook, first.
__dctx_fetch() {
    local folder=${__dctx_shims%/*} build=
    if [[ -r $folder/more.bash ]]; then
        IFS= builtin read -r build <"$folder/more.bash"
        [[ $build == "# $__dctx_build" || ! -r $folder/hook.bash ]] || builtin source "$folder/hook.bash"
        builtin source "$folder/more.bash"
    else
        [[ -n $__dctx_told && ${FUNCNAME[1]-} != dctx ]] || builtin printf 'dctx: %s is gone. Install dctx again, then run: dctx install\n' "$folder/more.bash" >&2
        __dctx_told=1
        return 1
    fi
}

case $- in
*i*)
    complete -F __dctx_complete dctx
    __dctx_wrap
    [[ " ${PROMPT_COMMAND[*]-} " == *__dctx_prompt* ]] || __dctx_hang
    ;;
esac
__dctx_path
# Whoever had allexport on before: these hold keys.
command export -n __dctx_r_key __dctx_r_headers __dctx_v_key __dctx_v_token __dctx_e_key __dctx_e_token __dctx_key __dctx_reply
