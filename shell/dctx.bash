# dctx.bash: the prompt and Tab of bash (3.2 on). After core.sh and switch.sh.
# shellcheck shell=bash disable=SC2154  # the shared names come from there

__dctx_shell=bash
__dctx_clock=stamp
# bash 3.2 (macOS) compares whole seconds.
[[ ${BASH_VERSINFO[0]} -ge 4 ]] || __dctx_clock=coarse

# `builtin`: a user's function may be called read. (`command read` ends bash 3.2 under `set -e`,
# even in a condition.)
__dctx_read() {
    [[ -r $1 ]] || return 1
    local file="$1"
    shift # bash 3.2 makes one word of "${@:2}" where IFS has no blank
    IFS=$__dctx_us builtin read -r "$@" <"$file"
}

# What a child sees (__dctx_view). Before 4.4 bash tells what is exported only by a list on stdout: it
# goes through a file, where there is a reason to ask. There an `export -n` alone goes unnoticed.
__dctx_again='' __dctx_flagged=
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    __dctx_see() {
        local name hidden=
        __dctx_flags
        # Not only "x" behind each of its commas: the usual case is quick.
        if [[ $__dctx_flagged == *[!x],* ]]; then
            for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
                [[ -z ${!name+x} ]] || __dctx_exported "$name" || hidden+=" $name "
            done
        fi
        __dctx_view "$hidden"
    }
    __dctx_flags() {
        __dctx_flagged=,${DOKPLOY_PROFILE+${DOKPLOY_PROFILE@a},}${DOKPLOY_URL+${DOKPLOY_URL@a},}${DOKPLOY_API_KEY+${DOKPLOY_API_KEY@a},}${DOKPLOY_AUTH_TOKEN+${DOKPLOY_AUTH_TOKEN@a},}${DOKPLOY_CONFIG_DIR+${DOKPLOY_CONFIG_DIR@a},}
    }
    __dctx_exported() { [[ ${!1@a} == *x* ]]; }
else
    __dctx_see() {
        local name hidden=
        if [[ -n ${DOKPLOY_CONFIG_DIR+x} ]] || [[ -n ${DOKPLOY_PROFILE+x}${DOKPLOY_URL+x}${DOKPLOY_API_KEY+x}${DOKPLOY_AUTH_TOKEN+x} &&
            ${_DCTX_SESSION-} != "${DOKPLOY_PROFILE-}$__dctx_us${DOKPLOY_URL-}$__dctx_us${DOKPLOY_API_KEY-}" ]] &&
            __dctx_exports DOKPLOY_; then
            for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
                [[ -z ${!name+x} || $__dctx_listed == *$'\n'$name$'\n'* ]] || hidden+=" $name "
            done
        fi
        __dctx_again=$hidden
        __dctx_view "$hidden"
    }
    __dctx_flags() { :; }
    __dctx_exported() {
        __dctx_exports "$1" || return 0
        [[ $__dctx_listed == *$'\n'$1$'\n'* ]]
    }
    # The names of exported variables that begin with $1, a line each, in __dctx_listed. Other
    # terminals may write the same file: whose it is stands around them. Status 1: that cannot be told.
    __dctx_exports() {
        local file=${__dctx_shims%/*}/exported.$(($$ % 100)) __dctx_reply
        {
            builtin printf '%s\n' "$$"
            builtin compgen -e "$1"
            builtin printf '%s\n' "$$"
        } 2>/dev/null 1<>"$file" || return 1 # written over: quicker than made anew
        __dctx_text "$file"
        [[ $__dctx_reply == "$$"$'\n'*"$$"$'\n'* ]] || return 1
        __dctx_listed=$'\n'${__dctx_reply#*$'\n'}
        __dctx_listed=${__dctx_listed%%$'\n'"$$"$'\n'*}$'\n'
    }
fi

# As in core.sh; one test is quicker than three.
__dctx_same_age() {
    [[ -e $1 && ! $__dctx_cfg -nt $1 && ! $__dctx_cfg -ot $1 ]]
}

# The text of the file $1, in __dctx_reply. read -d '' stops at a NUL, hence the loop.
__dctx_text() {
    local part
    __dctx_reply=
    while IFS= builtin read -r -d '' part; do __dctx_reply+=$part; done <"$1"
    __dctx_reply+=$part
}

# Status 0: a variable of the session is readonly; it is named in __dctx_reply. `local` of a
# readonly variable fails in all versions, and changes nothing.
__dctx_locked() {
    __dctx_writable 2>/dev/null && return 1
    __dctx_reply=
    for __dctx_reply in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG \
        DCTX_ORG_ID _DCTX_SESSION; do
        __dctx_writable_one "$__dctx_reply" 2>/dev/null || return 0
    done
    __dctx_reply='a variable of the session'
}
__dctx_writable() {
    # shellcheck disable=SC2034  # only that `local` takes them counts
    local DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG DCTX_ORG_ID \
        _DCTX_SESSION _DCTX_S_DOKPLOY_PROFILE _DCTX_S_DOKPLOY_URL _DCTX_S_DOKPLOY_API_KEY \
        _DCTX_S_DOKPLOY_AUTH_TOKEN _DCTX_S_DCTX_ORG _DCTX_S_DCTX_ORG_ID
}
__dctx_writable_one() {
    # shellcheck disable=SC2163  # the variable that is named
    local "$1"
}

# Status 0: the time $1 (seconds since 1970) is past. Before 4.2 no built-in knows the time: there
# the terminal's own time is compared with the index's file for the profile $2.
if [[ -n ${EPOCHSECONDS-} ]]; then
    __dctx_past() { ((EPOCHSECONDS >= $1)); }
elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
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
    if [[ -n $colour ]]; then
        __dctx_ps1=$'\001\e['$colour$'m\002'${2% }$'\001\e[0m\002 '
    else
        __dctx_ps1=$2
    fi
}

# Keep the shim first on PATH, whoever put another folder there since.
__dctx_path() {
    [[ $PATH == "$__dctx_shims":* ]] && return
    local path=:$PATH:
    while [[ $path == *:"$__dctx_shims":* ]]; do path=${path/":$__dctx_shims:"/:}; done
    path=${path#:}
    PATH=$__dctx_shims:${path%:}
}

# Before each prompt. Nothing that it reads has changed since the last one: then nothing is read.
__dctx_prompt() {
    local rc=$? trace
    case $- in *x*) { set +x && trace=x; } 2>/dev/null ;; *) trace= ;; esac
    __dctx_prompt_body || :
    [[ -z $trace ]] || set -x
    return "$rc"
}

__dctx_prompt_body() {
    __dctx_path
    local us=$__dctx_us key anew=
    while
        __dctx_flags
        key=$__dctx_flagged$PWD$us${DOKPLOY_PROFILE-}$us${DOKPLOY_URL-$us}$us${DOKPLOY_API_KEY-$us}$us${DOKPLOY_AUTH_TOKEN-$us}$us${_DCTX_SESSION-}$us${DOKPLOY_CONFIG_DIR-}$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}
        [[ -z $anew ]]
    do
        [[ $key != "$__dctx_key" || -z $__dctx_gen || $__dctx_cfg -nt $__dctx_idx/.$__dctx_clock.$__dctx_gen ||
            $__dctx_cfg -ot $__dctx_idx/.$__dctx_clock.$__dctx_gen || -n $__dctx_env$__dctx_again ]] ||
            { [[ -z $__dctx_v_profile && -e .env ]] && __dctx_env_speaks; } ||
            { [[ -n $__dctx_due ]] && __dctx_past "$__dctx_due" "$__dctx_name"; } || break
        __dctx_refresh
        anew=1
    done
    __dctx_key=$key
    # starship makes PS1 anew, from DCTX_SEGMENT: it runs this text just before.
    if [[ -n ${STARSHIP_SHELL-} && ${STARSHIP_PROMPT_COMMAND-} != *__dctx_prompt* ]] && declare -F starship_precmd >/dev/null; then
        STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND$__dctx_nl}__dctx_prompt
        starship_precmd
    fi
    __dctx_hang
    if [[ ${DCTX_PROMPT-} == 0 ]]; then
        PS1=${PS1//"$__dctx_reference"/}
    elif [[ ${PS1-} != *"$__dctx_reference"* ]]; then
        PS1=$__dctx_reference${PS1-}
    fi
}

# The prompt holds a reference, never the text: `$(…)` in an organization's name is then just text.
__dctx_ps1=
# shellcheck disable=SC2016
__dctx_reference='${__dctx_ps1-}'

# Names for Tab: the index's own files, so no process. In: $1, what is typed. Out: COMPREPLY.
__dctx_names() {
    local options=$- fail='' name __dctx_hush=1 IFS=$' \t\n'
    COMPREPLY=()
    __dctx_plain "${1:-a}" && __dctx_ready || return 0
    shopt -q failglob && fail=1 && shopt -u failglob
    set +f
    if [[ -n $1 ]]; then COMPREPLY=("$__dctx_idx/$1"*); else COMPREPLY=("$__dctx_idx"/[!.]*); fi
    [[ $options != *f* ]] || set -f
    [[ -z $fail ]] || shopt -s failglob
    [[ -e ${COMPREPLY[0]-} ]] || COMPREPLY=()
    COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]##*/}"})
    __dctx_text "$__dctx_idx/.others" # names, too; the core has their records
    # Not before: without a blank in IFS bash 3.2 makes one word of "${COMPREPLY[@]##*/}".
    IFS=$__dctx_us
    for name in ${__dctx_reply%"$__dctx_nl"}; do
        [[ $name != "$1"* ]] || COMPREPLY+=("$name")
    done
}

# Make the names fit what readline replaces, whose words begin at @ = : too. In: the typed word $1,
# what of it stands before the name $2, the end that readline replaces $3.
__dctx_fit() {
    local kept=${1%"$3"}
    [[ -z ${COMPREPLY[0]-} || $kept == "$2" ]] && return
    COMPREPLY=("${COMPREPLY[@]/#/$2}")
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

# The line up to the cursor: command, first word, more words (the last one), what is typed.
__dctx_line='^[[:space:]]*[^[:space:]]+[[:space:]]+(([^[:space:]]+)[[:space:]]+)?(([^[:space:]]+)[[:space:]]+)*([^[:space:]]*)$'

# The first word is a name; or a command, where nothing is typed or no name begins like that.
__dctx_complete() {
    local word each IFS=$' \t\n'
    COMPREPLY=()
    [[ ${COMP_LINE:0:COMP_POINT} =~ $__dctx_line ]] || return 0
    word=${BASH_REMATCH[5]}
    case ${BASH_REMATCH[2]}:${BASH_REMATCH[4]} in
    :)
        __dctx_names "$word"
        if [[ -z $word || -z ${COMPREPLY[0]-} ]]; then
            for each in $__dctx_words; do
                [[ $each != "$word"* ]] || COMPREPLY+=("$each")
            done
            ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || compopt -o nosort 2>/dev/null
        fi
        ;;
    rename: | exec: | --:* | switch:* | use:* | rm:* | remove:* | env:* | protect:* | unprotect:* | verify:* | rotate:*)
        __dctx_names "$word"
        ;;
    exec:* | import:*) ((BASH_VERSINFO[0] < 4)) || compopt -o default 2>/dev/null ;;
    esac
    __dctx_fit "$word" '' "$2"
}

# `dokploy --profile NAME`; the rest is left to __dctx_inner, which completed dokploy before us.
__dctx_dokploy() {
    local word
    if [[ ${COMP_LINE:0:COMP_POINT} =~ $__dctx_line && ${BASH_REMATCH[0]} != *' -- '* ]]; then
        word=${BASH_REMATCH[5]}
        case ${BASH_REMATCH[4]:-${BASH_REMATCH[2]}}:$word in
        --profile:*)
            __dctx_names "$word"
            __dctx_fit "$word" '' "$2"
            return
            ;;
        *:--profile=*)
            __dctx_names "${word#*=}"
            __dctx_fit "$word" --profile= "$2"
            return
            ;;
        esac
    fi
    if [[ -z $__dctx_inner ]]; then
        __dctx_inner=:
        # What bash-completion has for dokploy it would have loaded at this first Tab.
        { declare -F _comp_load && _comp_load dokploy || { declare -F __load_completion && __load_completion dokploy; }; } >/dev/null 2>&1 &&
            __dctx_wrap
    fi
    "$__dctx_inner" "$@"
}

# Complete dokploy by __dctx_dokploy, which passes on to a function that does so already.
__dctx_wrap() {
    local spec
    if ! complete -p dokploy >/dev/null 2>&1; then
        __dctx_inner=
        complete -o bashdefault -o default -F __dctx_dokploy dokploy
        return
    fi
    spec=$(complete -p dokploy)
    [[ $spec == *' -F '* && $spec != *' -F __dctx_dokploy '* ]] || return 0
    __dctx_inner=${spec##* -F }
    __dctx_inner=${__dctx_inner%% *}
    command eval "${spec/ -F $__dctx_inner / -F __dctx_dokploy }"
}

# Hang __dctx_prompt into PROMPT_COMMAND. Appended: direnv and mise prepend theirs, and ours must see
# what they set. As an element of its own where bash knows lists (5.1): starship and the like replace
# the first one.
__dctx_hang() {
    if [[ " ${PROMPT_COMMAND[*]-} " == *__dctx_prompt* ]]; then
        return
    elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND=${PROMPT_COMMAND-}
        PROMPT_COMMAND+=(__dctx_prompt)
    else
        # shellcheck disable=SC2128,SC2178  # a text, before 5.1
        while [[ ${PROMPT_COMMAND-} == *[$'; \t\n'] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
        # shellcheck disable=SC2128,SC2178
        PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__dctx_prompt"
    fi
}

case $- in
*i*)
    complete -F __dctx_complete dctx
    __dctx_wrap
    __dctx_hang
    ;;
esac
__dctx_path
__dctx_see
