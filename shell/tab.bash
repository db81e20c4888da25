# tab.bash: Tab in bash. Comes with __dctx_load ask.
# shellcheck shell=bash disable=SC2154,SC2034  # constants come from the header

# Names for Tab: the index's own files, so no process. In: $1, what is typed. Out: COMPREPLY.
__dctx_names() {
    local options="$-" fail='' IFS=$' \t\n'
    COMPREPLY=()
    case ${1:-a} in [!"$__dctx_letters"]* | */*) return 0 ;; esac
    __dctx_look || :
    [[ -z ${__dctx_n_broker+x} ]] || return 0
    # In the second in which config.json changed, bash 3.2 cannot tell that it is compiled now: status 2.
    __dctx_ready || { [[ -z $__dctx_none ]] && __dctx_load ask && __dctx_core sync >/dev/null 2>&1 &&
        { __dctx_ready || [[ $? == 2 ]]; }; } || return 0
    shopt -q failglob && fail=1 && shopt -u failglob
    set +f
    if [[ -n $1 ]]; then COMPREPLY=("$__dctx_idx/$1"*); else COMPREPLY=("$__dctx_idx"/[!.]*); fi
    [[ $options != *f* ]] || set -f
    [[ -z $fail ]] || shopt -s failglob
    [[ -e ${COMPREPLY[0]-} ]] || COMPREPLY=()
    COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]##*/}"})
    __dctx_other_names "$1"
}

# Names without a record: the core has what belongs to them. In: $1, what is typed.
__dctx_other_names() {
    local name line='' IFS=
    [[ ! -r $__dctx_idx/.others ]] || builtin read -r line <"$__dctx_idx/.others"
    IFS=$__dctx_us
    local options="$-" names
    set -f
    # shellcheck disable=SC2206  # split on purpose
    names=($line)
    [[ $options == *f* ]] || set +f
    for name in ${names[@]+"${names[@]}"}; do
        [[ $name == "$1"* ]] || continue
        builtin printf -v name %q "$name"
        COMPREPLY+=("$name")
    done
}

# Make the names fit what readline replaces, whose words begin at @ = : too. In: the typed word $1,
# what of it stands before the name $2, the end that readline replaces $3.
__dctx_fit() {
    local kept="${1%"$3"}"
    [[ -z ${COMPREPLY[0]-} || $kept == "$2" ]] && return
    COMPREPLY=("${COMPREPLY[@]/#/$2}")
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

# The line up to the cursor: command, first word, more words (the last one), what is typed.
__dctx_line='^[[:space:]]*[^[:space:]]+[[:space:]]+(([^[:space:]]+)[[:space:]]+)?'
__dctx_line+='(([^[:space:]]+)[[:space:]]+)*([^[:space:]]*)$'
# `dokploy auth` and `dokploy profiles`, which the shim hands to dctx.
__dctx_ours='^[[:space:]]*[^[:space:]]+[[:space:]]+(auth|profiles)[[:space:]]'
# A line's first word, and the rest.
__dctx_head='^[[:space:]]*([^[:space:]]+)[[:space:]]+(.*)$'

# What may follow $1, in __dctx_row, with blanks around. Status 1: the table has no such line.
__dctx_follows() {
    local row IFS="$__dctx_nl"
    for row in $__dctx_takes; do
        [[ $row != "$1:"* ]] || { __dctx_row=" ${row#*:} " && return; }
    done
    return 1
}

# Add to COMPREPLY the words of $2 that begin with $1.
__dctx_add() {
    local each IFS=$' \t\n'
    for each in $2; do
        [[ $each != "$1"* ]] || COMPREPLY+=("$each")
    done
}

# The first word is a name; or a command, where nothing is typed or no name begins like that. What
# follows is in the table. In: $2, the end of the line that readline replaces.
__dctx_tab() {
    local each key='' value='' seen=' ' before='' word="${COMP_LINE:0:COMP_POINT}" __dctx_row='' IFS=$' \t\n'
    COMPREPLY=()
    [[ $word =~ $__dctx_head ]] || return 0
    word=${BASH_REMATCH[2]}
    while [[ $word =~ $__dctx_head ]]; do
        each=${BASH_REMATCH[1]} word=${BASH_REMATCH[2]}
        if [[ -n $value ]]; then
            value=
        elif __dctx_follows "$key$each"; then # a command, then its subcommand
            key="$each "
        elif [[ -z $key ]]; then
            return 0
        elif [[ $key$each == 'exec --' ]]; then
            __dctx_tab_exec
            return 0
        elif [[ $__dctx_row == *" $each= "* ]]; then
            value=$each
        elif [[ $each != -* ]]; then
            seen+="$each "
        fi
    done
    if [[ $key == 'exec ' && -z $value && $seen != ' ' && $word != -* ]]; then
        __dctx_tab_files
    elif [[ -z $key ]]; then
        __dctx_names "$word"
        if [[ $word == -* ]]; then
            __dctx_add "$word" --version
        elif [[ -z $word || -z ${COMPREPLY[0]-} ]]; then
            __dctx_add "$word" "$__dctx_words"
            [[ $__dctx_bash -lt 404 ]] || compopt -o nosort 2>/dev/null
        fi
    fi
    if [[ -z $value && $word == --*=* && $__dctx_row == *" ${word%%=*}= "* ]]; then
        value=${word%%=*} before=$value= word=${word#*=}
    fi
    [[ -z $value ]] || { seen=' ' && __dctx_follows "$value="; } || return 0
    for each in $__dctx_row --help; do
        case ${word:0:1}:$each in
        -:--*) __dctx_add "$word" "${each%=}" ;;
        -:* | *:-*) ;;
        *:NAMES)
            __dctx_names "$word"
            [[ $seen == ' ' ]] || __dctx_unseen
            ;;
        *)
            [[ $seen == ' ' ]] || continue
            case $each in
            NAME) __dctx_names "$word" ;;
            COMMAND) __dctx_add "$word" "$__dctx_words" ;;
            FILE) __dctx_tab_files ;;
            *) __dctx_add "$word" "$each" ;;
            esac
            ;;
        esac
    done
    __dctx_fit "$before$word" "$before" "$2"
}

# Take the names in seen out of COMPREPLY; as one text, which takes a fifth of a loop's time.
__dctx_unseen() {
    local each names options="$-" IFS="$__dctx_us"
    names=$__dctx_us${COMPREPLY[*]-}$__dctx_us
    IFS=' '
    set -f
    for each in $seen; do names=${names/"$__dctx_us$each$__dctx_us"/$__dctx_us}; done
    IFS=$__dctx_us
    names=${names#"$__dctx_us"}
    # shellcheck disable=SC2206  # split on purpose
    COMPREPLY=(${names%"$__dctx_us"})
    [[ $options == *f* ]] || set +f
}

# Files, for want of something better. (bash 3.2 has no way to say so.)
__dctx_tab_files() {
    [[ $__dctx_bash -lt 400 ]] || compopt -o default 2>/dev/null
}

# What exec runs. bash-completion knows how; without it a command's name is completed, and files.
__dctx_tab_exec() {
    local by each at=1 fail='' options="$-" IFS=$' \t\n'
    while [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} != -- ]]; do at=$((at + 1)); done
    for by in _comp_command_offset _command_offset; do
        declare -F "$by" >/dev/null || continue
        "$by" "$((at + 1))"
        return
    done
    if [[ $word == ?* && $word != *[/[:space:]]* ]]; then
        # What PATH has; `compgen -c` could only be read through a process.
        shopt -q failglob && fail=1 && shopt -u failglob
        set -f
        IFS=:
        for by in $PATH; do
            set +f
            for each in "$by/$word"*; do
                [[ ! -x $each || -d $each ]] || COMPREPLY+=("${each##*/}")
            done
        done
        [[ $options != *f* ]] || set -f
        [[ -z $fail ]] || shopt -s failglob
    fi
    [[ -n ${COMPREPLY[0]-} ]] || __dctx_tab_files
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
        if { declare -F _comp_load && _comp_load dokploy ||
            { declare -F __load_completion && __load_completion dokploy; }; } >/dev/null 2>&1; then
            builtin unset __dctx_inner
            __dctx_wrap
        fi
    fi
    if [[ ${COMP_LINE:0:COMP_POINT} =~ $__dctx_ours && ${__dctx_inner:-:}${BASH_REMATCH[1]} != [!:]*auth ]]; then
        __dctx_tab "$@"
        return
    fi
    case ${__dctx_inner:-:}:${COMP_LINE:0:COMP_POINT} in
    :* | *[[:blank:]\"\'=]@*)
        COMPREPLY=()
        ! __dctx_tab_cli "$2" || return 0
        COMPREPLY=()
        ;;
    esac
    "${__dctx_inner:-:}" "$@"
}
