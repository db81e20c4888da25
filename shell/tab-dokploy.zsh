# tab-dokploy.zsh: Tab for the official CLI: groups, commands and options from the files in the data folder, so no
# process; ids and names by one call of the core. Loaded under zsh emulation.

# The lines of the file $1 of the data folder, in rows. Status 1: there is none.
__dctx_rows() {
    local file=$__dctx_files/cli/$1
    [[ $1 != */* && -r $file ]] && rows=("${(@f)$(<$file)}")
}

# Offer the first fields of rows, each with the next one, as $1.
__dctx_tab_rows() {
    local each
    local -a listed
    for each in $rows; do
        each=${each%$__dctx_us*}
        listed+=(${each%%$__dctx_us*}:${each#*$__dctx_us})
    done
    _describe -t commands $1 listed
}

# Offer the values of the option $1. Status 1: any text may stand here.
__dctx_tab_value() {
    local each value= typed=${(Q)PREFIX} before lines expl
    local -a names shown how
    for each in $row; do
        [[ $each != $1=* && $each != $1!=* ]] || value=${each#*=}
    done
    [[ -n $value ]] || return
    if [[ $value != @ ]]; then
        names=(${(s:,:)value})
        _wanted -V values expl value compadd -a names
        return 0
    fi
    __dctx_load ask || return 0
    before=${(pj:$__dctx_us:)${(@Q)words[1,CURRENT-1]}}
    lines=$(__dctx_n_typed=$before __dctx_core _ids ${flag:+--profile=$flag} -- $1 $typed 2>/dev/null)
    for each in ${(f)lines}; do
        names+=(${each%%$'\t'*})
        shown+=("${each%%$'\t'*}  ${each#*$'\t'}")
    done
    if (( $#names )); then
        # What is typed may be what several things are called: then their whole paths take its place.
        [[ $names[1] == ${(b)typed}* ]] || how=(-U -i "$IPREFIX")
        # A name that ends in a slash is one of what the thing belongs to: its own follows.
        [[ $names[1] != @*/ ]] || how+=(-S '')
        _wanted -V ids expl id compadd "${how[@]}" -l -d shown -a names
    fi
    return 0
}

# Groups, commands, options, values. Status 1: this is no place of theirs.
__dctx_tab_cli() {
    local each value= group= command= flag= needs
    local -a row rows seen listed others
    local -i at
    for (( at = 2; at < CURRENT; at++ )); do
        each=${(Q)words[at]}
        case $value:$each in
        --profile:*) flag=$each value= ;;
        ?*:*) value= ;;
        :--) return 1 ;;
        :--profile) value=--profile ;;
        :--profile=*) flag=${each#*=} ;;
        :-*)
            seen+=(${each%%=*})
            [[ $each == *=* || -z ${(M)row:#(${(b)each}=*|${(b)each}!=*)} ]] || value=$each
            ;;
        *)
            if [[ -z $group ]]; then
                group=$each
            elif [[ -z $command ]]; then
                command=$each
                __dctx_rows $group || return
                row=(${(M)rows:#${(b)command}$__dctx_us*})
                (( $#row )) || return
                row=(${=row[1]##*$__dctx_us})
            fi
            ;;
        esac
    done
    if [[ -n $value ]]; then
        __dctx_tab_value $value
    elif [[ $PREFIX == --*=* ]]; then
        value=${PREFIX%%=*}
        [[ -n ${(M)row:#(${(b)value}=*|${(b)value}!=*)} ]] && compset -P 1 '*=' && __dctx_tab_value $value
    elif [[ -z $group ]]; then
        if [[ $PREFIX == -* ]]; then
            listed=(--profile:$__dctx_m_tab_profile --help --version)
            _describe -o option listed
        else
            rows=()
            __dctx_rows .groups && rows=(${^rows}$__dctx_us) && __dctx_tab_rows group
        fi
    elif [[ -z $command ]]; then
        if [[ $PREFIX == -* ]]; then
            listed=(--help)
            _describe -o option listed
        else
            __dctx_rows $group && __dctx_tab_rows command
        fi
    elif [[ -z $PREFIX || $PREFIX == -* ]]; then
        for each in $row --profile --help; do
            (( $seen[(Ie)${${each%%=*}%!}] )) && continue
            case $each in
            *!*) listed+=(${each%%!*}:required) ;;
            *) others+=(${each%%=*}) ;;
            esac
        done
        # While something is required that alone is offered, for whoever has not begun with a dash.
        [[ -z $PREFIX && -n $listed ]] || listed+=($others)
        _describe -V -t arguments option listed # as "options" zsh would want a dash first
    else
        return 1
    fi
}
