# tab.zsh: Tab in zsh. Comes with the first Tab; loaded under zsh emulation.

# Names for Tab, but for those in $@: the index's own files, so no process.
__dctx_names() {
    local -a names not
    local expl
    not=("$@")
    [[ -z ${__dctx_n_broker+x} ]] || return 1
    __dctx_look || :
    __dctx_ready ||
        { [[ -z $__dctx_none ]] && __dctx_load ask && __dctx_core sync >/dev/null 2>&1 && __dctx_ready } || return 1
    # With thousands of names only those that begin as typed; all, where none does: the user's matchers may find one.
    [[ $PREFIX != [$__dctx_letters]* || $PREFIX == *[^$__dctx_letters$__dctx_name_more]* ]] ||
        names=($__dctx_idx/$PREFIX*(N:t))
    (( $#names )) || names=($__dctx_idx/*(N:t))
    names+=(${(ps:\x1f:)"$(<$__dctx_idx/.others)"})
    names=(${names:|not})
    _wanted -V names expl profile compadd -a names
}

# What may follow $1, in row. Status 1: the table has no such line.
__dctx_follows() {
    local -a found
    found=(${(M)${(f)__dctx_takes}:#${(b)1}:*})
    (( $#found )) && row=(${=found[1]#*:})
}

__dctx_tab_commands() {
    local -a listed # not "commands": that is zsh's own
    listed=(${(f)__dctx_commands})
    _describe -t commands command listed
}

# The first word is a name; or a command, where nothing is typed or no name begins like that. What
# follows is in the table.
_dctx_tab() {
    setopt local_options $_comp_options
    local key value each expl
    local -a row seen options listed
    local -i at
    for (( at = 2; at < CURRENT; at++ )); do
        each=$words[at]
        if [[ -n $value ]]; then
            value=
        elif __dctx_follows "$key$each"; then # a command, then its subcommand
            key+="$each "
        elif [[ -z $key ]]; then
            return 1
        elif [[ $key == 'exec ' && ( $each == -- || ( $each != -* && $#seen -gt 0 ) ) ]]; then
            [[ $each == -- ]] || (( at-- ))
            shift $at words
            (( CURRENT -= at ))
            _normal
            return
        elif (( $row[(Ie)$each=] )); then
            value=$each
        elif [[ $each != -* ]]; then
            seen+=($each)
        fi
    done
    if [[ -z $key ]]; then
        __dctx_names && [[ -n $PREFIX ]] && return
        [[ $PREFIX == -* ]] || { __dctx_tab_commands; return; }
        options=(--version)
    fi
    if [[ -z $value && $PREFIX == --*=* ]] && (( $row[(Ie)${PREFIX%%=*}=] )); then
        value=${PREFIX%%=*}
        compset -P 1 '*='
    fi
    [[ -z $value ]] || { seen=() && __dctx_follows $value=; } || return 1
    for each in $row; do
        case $each in
            NAMES) __dctx_names $seen ;;
            --*) options+=(${each%=}) ;;
            -*) ;;
            *) (( $#seen )) || case $each in
                NAME) __dctx_names ;;
                COMMAND) __dctx_tab_commands ;;
                FILE) _files ;;
                *) listed+=($each) ;;
            esac ;;
        esac
    done
    (( ! $#listed )) || _wanted -V values expl value compadd -a listed
    [[ $PREFIX != -* ]] || _wanted options expl option compadd - $options --help
}

# `dokploy --profile NAME`; the rest is left to whoever completed dokploy before us.
_dctx_tab_dokploy() {
    setopt local_options $_comp_options
    if (( ${words[(i)--]} >= CURRENT )); then
        if [[ ${words[CURRENT-1]} == --profile ]] || compset -P '--profile='; then
            __dctx_names
            return
        fi
    fi
    # What the shim hands to dctx.
    if (( CURRENT > 2 )) && [[ ${words[2]} == profiles || ${words[2]}${__dctx_inner-} == auth ]]; then
        _dctx_tab
        return
    fi
    # Where somebody else completes dokploy only names are ours.
    if [[ -z ${__dctx_inner-} || $PREFIX == (|--*=)@* ]]; then
        __dctx_tab_cli && return
    fi
    ${__dctx_inner:-_default} "$@"
}
