# dctx.bash: the prompt and Tab of bash (3.2 on). After core.sh and switch.sh.
# shellcheck shell=bash disable=SC2154  # the shared names come from there

__dctx_shell=bash
__dctx_clock=stamp
# bash 3.2 (macOS) compares whole seconds.
[[ ${BASH_VERSINFO[0]} -ge 4 ]] || __dctx_clock=coarse

# `builtin`: a user's function may be called read. (`command read` ends bash 3.2 under `set -e`,
# even in a condition.)
__dctx_read() {
    local file="$1"
    shift
    { IFS=$__dctx_us builtin read -r "$@" <"$file"; } 2>/dev/null
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
    { case $- in *x*) set +x && trace=x ;; *) trace= ;; esac } 2>/dev/null
    __dctx_prompt_body || :
    [[ -z $trace ]] || set -x
    return "$rc"
}

__dctx_prompt_body() {
    __dctx_path
    local us=$__dctx_us key
    key=$PWD$us${DOKPLOY_PROFILE-}$us${DOKPLOY_URL-$us}$us${DOKPLOY_API_KEY-$us}$us${DOKPLOY_AUTH_TOKEN-$us}$us${_DCTX_SESSION-}$us${DOKPLOY_CONFIG_DIR-}$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}
    if [[ $key != "$__dctx_key" || -z $__dctx_gen || $__dctx_cfg -nt $__dctx_idx/.$__dctx_clock.$__dctx_gen ||
        $__dctx_cfg -ot $__dctx_idx/.$__dctx_clock.$__dctx_gen ]] ||
        [[ -z ${DOKPLOY_PROFILE-} && -e .env ]] ||
        { [[ -n $__dctx_due ]] && __dctx_past "$__dctx_due" "$__dctx_name"; }; then
        __dctx_refresh
        __dctx_key=$PWD$us${DOKPLOY_PROFILE-}$us${DOKPLOY_URL-$us}$us${DOKPLOY_API_KEY-$us}$us${DOKPLOY_AUTH_TOKEN-$us}$us${_DCTX_SESSION-}$us${DOKPLOY_CONFIG_DIR-}$us${HOME-}$us${DCTX_EXPORT_KEY-}$us${NO_COLOR-}
    fi
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
    local options=$- GLOBIGNORE='' fail=
    __dctx_ready || return 0
    __dctx_plain "${1:-a}" || return 0
    shopt -q failglob && fail=1 && shopt -u failglob
    set +f
    COMPREPLY=("$__dctx_idx/$1"*)
    [[ $options != *f* ]] || set -f
    [[ -z $fail ]] || shopt -s failglob
    [[ -e ${COMPREPLY[0]-} ]] || COMPREPLY=()
    COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]##*/}"})
}

__dctx_complete() {
    local word=${COMP_WORDS[COMP_CWORD]} IFS=$' \t\n'
    COMPREPLY=()
    case $COMP_CWORD:${COMP_WORDS[1]-} in
    1:* | *:switch | *:use | *:rm | *:remove | *:rename | 2:exec | *:env) __dctx_names "$word" ;;
    esac
}

case $- in
*i*)
    complete -F __dctx_complete dctx
    # Appended: direnv and mise prepend theirs, and ours must see what they set. As an element of
    # its own where bash knows lists (5.1): starship and the like replace the first one.
    if [[ " ${PROMPT_COMMAND[*]-} " == *__dctx_prompt* ]]; then
        :
    elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND=${PROMPT_COMMAND-}
        PROMPT_COMMAND+=(__dctx_prompt)
    else
        # shellcheck disable=SC2128,SC2178  # a text, before 5.1
        while [[ ${PROMPT_COMMAND-} == *[$'; \t\n'] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
        # shellcheck disable=SC2128,SC2178
        PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__dctx_prompt"
    fi
    ;;
esac
__dctx_path
