# tab.bash: Tab in bash, and what its sessions seldom need. Comes with __dctx_more, after switch.sh.
# shellcheck shell=bash disable=SC2154  # the shared names come from there

__dctx_shell=bash

# Blank in __dctx_v_* what is set but not exported.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_hide() {
        local name
        for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
            [[ -z ${!name+x} ]] || __dctx_exported "$name" || __dctx_blank "$name"
        done
    }
    __dctx_exported() { [[ ${!1@a} == *x* ]]; }
else
    __dctx_hide() {
        local name
        __dctx_exports DOKPLOY_ || return 0
        for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
            [[ -z ${!name+x} || $__dctx_listed == *$'\n'$name$'\n'* ]] || __dctx_blank "$name"
        done
    }
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

# Status 0: a variable of the session is readonly; it is named in __dctx_reply. `local` of a
# readonly variable fails in all versions, and changes nothing; of an unset one the attributes are an
# error under `set -u`.
__dctx_locked() {
    if [[ $__dctx_bash -ge 404 && $- != *u* ]]; then
        [[ ${DOKPLOY_PROFILE@a}${DOKPLOY_URL@a}${DOKPLOY_API_KEY@a}${DOKPLOY_AUTH_TOKEN@a}${DCTX_ORG@a}${DCTX_ORG_ID@a}${_DCTX_SESSION@a}${_DCTX_S_DOKPLOY_PROFILE@a}${_DCTX_S_DOKPLOY_URL@a}${_DCTX_S_DOKPLOY_API_KEY@a}${_DCTX_S_DOKPLOY_AUTH_TOKEN@a}${_DCTX_S_DCTX_ORG@a}${_DCTX_S_DCTX_ORG_ID@a} == *r* ]] || return 1
    else
        __dctx_writable 2>/dev/null && return 1
    fi
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
__dctx_tab() {
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
            [[ $__dctx_bash -lt 404 ]] || compopt -o nosort 2>/dev/null
        fi
        ;;
    rename: | exec: | --:* | switch:* | use:* | rm:* | remove:* | env:* | protect:* | unprotect:* | verify:* | rotate:*)
        __dctx_names "$word"
        ;;
    exec:* | import:*) [[ $__dctx_bash -lt 400 ]] || compopt -o default 2>/dev/null ;;
    esac
    __dctx_fit "$word" '' "$2"
}

# `dokploy --profile NAME`; the rest is left to __dctx_inner, which completed dokploy before us.
__dctx_tab_dokploy() {
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
__dctx_whole=1
