# tab-dokploy.bash: Tab for the official CLI: groups, commands and options from the files in the data folder, so no
# process; ids and names by one call of the core.
# shellcheck shell=bash disable=SC2154,SC2034  # constants come from the header

# Split the line up to the cursor as bash would: __dctx_argv has its words without quotes, the last one as far as it is
# typed; __dctx_raw that one as it stands there, behind an open quote, which is in __dctx_quote.
__dctx_split() {
    local text="${COMP_LINE:0:COMP_POINT}" at=0 char word='' begun=''
    __dctx_argv=() __dctx_raw='' __dctx_quote=''
    while [[ $at -lt ${#text} ]]; do
        char=${text:at:1}
        at=$((at + 1))
        __dctx_raw+=$char
        case $__dctx_quote$char in
        "''" | '""') __dctx_quote='' ;;
        \'?*) word+=$char ;;
        \"\\ | \\)
            word+=${text:at:1} begun=1
            __dctx_raw+=${text:at:1}
            at=$((at + 1))
            ;;
        \"?*) word+=$char ;;
        \' | \") __dctx_quote=$char begun=1 __dctx_raw='' ;;
        ' ' | $'\t')
            [[ -z $begun ]] || __dctx_argv+=("$word")
            word='' begun='' __dctx_raw=''
            ;;
        *) word+=$char begun=1 ;;
        esac
    done
    __dctx_argv+=("$word")
}

# Add to COMPREPLY what $2, a line of words, has that begins with $1 and is not in $seen.
__dctx_add_new() {
    local each IFS=$' \t\n'
    for each in $2; do
        [[ $each != "$1"* || $seen == *" $each "* ]] || COMPREPLY+=("$each")
    done
}

# The first fields of the file $1 of the data folder that begin with $2.
__dctx_add_rows() {
    local name rest
    [[ -r $__dctx_files/cli/$1 ]] || return
    while IFS=$__dctx_us builtin read -r name rest; do
        [[ $name != "$2"* ]] || COMPREPLY+=("$name")
    done <"$__dctx_files/cli/$1"
}

# What may follow the command $2 of the group $1, in __dctx_row with blanks around. Status 1: there is no such command.
__dctx_options() {
    local name needs
    [[ $1 != */* && $1 != .* && -r $__dctx_files/cli/$1 ]] || return
    while IFS=$__dctx_us builtin read -r name needs __dctx_row; do
        [[ $name != "$2" ]] || { __dctx_row=" $__dctx_row " && return; }
    done <"$__dctx_files/cli/$1"
    return 1
}

# Offer the values of the option $1. In: what is typed $2, what of it stands before the value $3, the end that readline
# replaces $4. Status 1: any text may stand here.
__dctx_tab_value() {
    local value='' plain="${2#"$3"}" line name IFS=$' \t\n'
    for line in $__dctx_row; do
        case $line in "$1="* | "$1!="*) value=${line#*=} ;; esac
    done
    case $value in
    '') return 1 ;;
    @) ;;
    *)
        __dctx_add "$plain" "${value//,/ }"
        __dctx_fit "$2" "$3" "$4"
        return
        ;;
    esac
    __dctx_load ask || return 0
    [[ $__dctx_bash -lt 400 ]] || compopt +o default +o bashdefault 2>/dev/null
    local -a about
    builtin printf -v name "%s$__dctx_us" "${__dctx_argv[@]:0:last}"
    while IFS=$'\t' builtin read -r line name; do
        COMPREPLY+=("$line")
        about+=("$line  $name")
    done < <(__dctx_n_typed=$name __dctx_core _ids ${flag:+--profile="$flag"} -- "$1" "$plain" 2>/dev/null)
    [[ ${COMPREPLY[0]-} != @*/ || $__dctx_bash -lt 400 ]] || compopt -o nospace 2>/dev/null # its own name follows
    if [[ $plain == @* || ${COMPREPLY[0]-} == @* ]]; then
        __dctx_tab_quote "$3" "$4"
    elif [[ ${#COMPREPLY[@]} -gt 1 && ${COMP_TYPE-9} != 37 && ${COMP_TYPE-9} != 42 ]]; then
        COMPREPLY=("${about[@]}") # a list is shown, and nothing of it inserted
    else
        __dctx_fit "$2" "$3" "$4"
    fi
}

# Write the names in COMPREPLY as the line needs them: behind an open quote, or each blank with a backslash. In: what
# stands before the value $1, the end that readline replaces $2.
__dctx_tab_quote() {
    local at name kept="${__dctx_raw%"$2"}"
    for ((at = 0; at < ${#COMPREPLY[@]}; at++)); do
        name=${COMPREPLY[at]}
        case $__dctx_quote in
        '') builtin printf -v name %q "$name" ;;
        \")
            name=${name//\\/\\\\}
            name=${name//\"/\\\"}
            name=${name//\$/\\\$}
            name=${name//\`/\\\`}
            ;;
        esac
        name=$1$name
        COMPREPLY[at]=${name#"$kept"}
    done
}

# Groups, commands, options, values. Status 1: this is no place of theirs. In: $1, the end that readline replaces.
__dctx_tab_cli() {
    local each at=1 last flag='' value='' group='' command='' seen=' ' needed='' __dctx_row='' __dctx_raw=''
    local __dctx_quote='' IFS=$' \t\n'
    local -a __dctx_argv
    __dctx_split
    last=$((${#__dctx_argv[@]} - 1))
    for (( ; at < last; at++)); do
        each=${__dctx_argv[at]}
        case $value:$each in
        --profile:*) flag=$each value='' ;;
        ?*:*) value='' ;;
        :--) return 1 ;;
        :--profile) value=--profile ;;
        :--profile=*) flag=${each#*=} ;;
        :-*)
            seen+="${each%%=*} "
            [[ $each == *=* || $__dctx_row != *" $each="* && $__dctx_row != *" $each!="* ]] || value=$each
            ;;
        *)
            if [[ -z $group ]]; then
                group=$each
            elif [[ -z $command ]]; then
                command=$each
                __dctx_options "$group" "$command" || return
            fi
            ;;
        esac
    done
    each=${__dctx_argv[last]}
    if [[ -n $value ]]; then
        __dctx_tab_value "$value" "$each" '' "$1"
    elif [[ $each == --*=* ]]; then
        [[ $__dctx_row == *" ${each%%=*}="* || $__dctx_row == *" ${each%%=*}!="* ]] || return
        __dctx_tab_value "${each%%=*}" "$each" "${each%%=*}=" "$1"
    elif [[ -z $group ]]; then
        if [[ $each == -* ]]; then
            __dctx_add_new "$each" '--profile --help --version'
        else
            __dctx_add_rows .groups "$each"
        fi
    elif [[ -z $command ]]; then
        if [[ $each == -* ]]; then __dctx_add_new "$each" --help; else __dctx_add_rows "$group" "$each"; fi
    elif [[ -z $each || $each == -* ]]; then
        for value in $__dctx_row; do
            [[ $value != *!* || $seen == *" ${value%%!*} "* ]] || needed+=" ${value%%!*}"
        done
        # While something is required that alone is offered, for whoever has not begun with a dash.
        __dctx_add_new "$each" "$needed"
        [[ -z $each && -n $needed ]] || __dctx_add_others "$each"
        [[ $__dctx_bash -lt 404 ]] || compopt -o nosort 2>/dev/null
    else
        return 1
    fi
    [[ -n ${COMPREPLY[0]-} ]]
}

# Add the options that are not required.
__dctx_add_others() {
    local each words='' IFS=$' \t\n'
    for each in $__dctx_row --profile --help; do
        [[ $each == *!* ]] || words+=" ${each%%=*}"
    done
    __dctx_add_new "$1" "$words"
}
