# core.sh: the index and the one resolution order, for bash, zsh (sh emulation) and the shim.
# dash dialect: POSIX plus `local`. Starts no process but where the index is stale (__dctx_sync).
# Policy is the core's (dokploy_ctx/resolve.py answers alike; tests/cases.py drives both); here
# finished fields are read and compared. __dctx_more stands before what terminals seldom need. What a
# child of this shell sees of the variables that decide is in __dctx_v_*: who reads this sets them.
# shellcheck disable=SC2154  # the constants come from the header, records from read

# Read the record in the file $1 into __dctx_r_*, in the order of index.py's CURRENT_FIELDS. Status 1:
# there is none. (The hooks have quicker ones.)
__dctx_record() {
    { IFS=$__dctx_us read -r __dctx_r_format __dctx_r_name __dctx_r_url __dctx_r_key __dctx_r_ask \
        __dctx_r_protected __dctx_r_org_id __dctx_r_org __dctx_r_segment __dctx_r_due \
        __dctx_r_headers __dctx_r_state __dctx_r_by <"$1"; } 2>/dev/null
}

# The text of the file $1, in __dctx_reply.
__dctx_text() {
    local line
    __dctx_reply=
    while IFS= read -r line || [ -n "$line" ]; do
        __dctx_reply=$__dctx_reply$line$__dctx_nl
    done <"$1"
}

# Status 0: config.json is as old as the file $1. Existence is asked first: of a missing file
# bash and fish say "older" and "newer", zsh and dash say neither.
__dctx_same_age() {
    [ -e "$1" ] && ! [ "$__dctx_cfg" -nt "$1" ] && ! [ "$__dctx_cfg" -ot "$1" ]
}

# Status 0: the newest generation of the index is of this config.json. $1 names the stamp that this
# shell's comparison of times is good for: stamp, or coarse for whole seconds.
__dctx_fresh() {
    [ -r "$__dctx_idx/.gen" ] || return 1
    __dctx_text "$__dctx_idx/.gen"
    __dctx_gen=${__dctx_reply%"$__dctx_nl"}
    __dctx_same_age "$__dctx_idx/.$1.$__dctx_gen"
}

# Find the configuration (__dctx_cfg, __dctx_idx) and make the index fit to read. Status 0: it is;
# 1: it cannot be, the core would refuse the folder or, in __dctx_none, there is no config.json.
__dctx_ready() {
    __dctx_none=
    case $__dctx_v_dir in
    '') __dctx_idx=${HOME-}/.dokploy ;;
    /*) __dctx_idx=$__dctx_v_dir ;;
    *) return 1 ;;
    esac
    __dctx_cfg=$__dctx_idx/config.json __dctx_idx=$__dctx_idx/index
    if ! [ -e "$__dctx_cfg" ]; then
        [ -L "$__dctx_cfg" ] || __dctx_none=1
        return 1
    fi
    # A generation that is known and still has its stamp is the newest: older stamps are unlinked.
    set -- "$__dctx_idx/.$__dctx_clock.${__dctx_gen-}"
    if [ -e "$1" ] && ! [ "$__dctx_cfg" -nt "$1" ] && ! [ "$__dctx_cfg" -ot "$1" ]; then
        return 0
    fi
    if ! __dctx_fresh "$__dctx_clock"; then
        __dctx_sync
        # What was compiled just now is good now, though a coarse clock must ask again next time.
        __dctx_fresh stamp || return 1
    fi
}

# Load the record of the profile $1. Status 1: ask the core.
__dctx_load() {
    case $1 in '' | .* | */*) return 1 ;; esac # no other file, whatever somebody calls a profile
    __dctx_record "$__dctx_idx/$1" || return 1
    [ "$__dctx_r_format" = "$__dctx_format" ] && [ "$__dctx_r_name" = "$1" ]
}

# Status 0: there is a `.env` with DOKPLOY_ in it; its text is in __dctx_reply.
__dctx_env_speaks() {
    [ -f .env ] && [ -r .env ] || return 1
    __dctx_text .env
    case $__dctx_reply in *DOKPLOY_*) ;; *) return 1 ;; esac
}

# Status 0: URL and key in the environment are those that our own switch put there.
__dctx_own_pair() {
    case ${_DCTX_SESSION-} in
    ?*"$__dctx_us$__dctx_v_url$__dctx_us$__dctx_v_key") ;;
    *) return 1 ;;
    esac
}

# What the next `dokploy` uses. In: $1, the name after --profile, or nothing; __dctx_v_*.
# Out: __dctx_level (1 to 5), __dctx_name, the record for levels 1, 2, 4; __dctx_pair_* where
# levels 1 and 2 are silent. Status 1: refused, or only the core can tell.
__dctx_resolve() {
    __dctx_name=${1:-$__dctx_v_profile} __dctx_pair_is='' __dctx_env=
    __dctx_r_due=
    if [ -n "$__dctx_name" ]; then
        __dctx_level=2
        [ -z "$1" ] || __dctx_level=1
        __dctx_ready && __dctx_load "$__dctx_name"
        return
    fi
    if [ -n "$__dctx_v_url$__dctx_v_key$__dctx_v_token" ] || { [ -e .env ] && __dctx_env_speaks; }; then
        __dctx_level=3
        # Without the rest nothing can be said, until it is back.
        if __dctx_more; then __dctx_pair; else __dctx_pair_is=mixed __dctx_env=1; fi
        case $__dctx_pair_is in
        pair) return 0 ;;
        mixed) return 1 ;;
        esac
    fi
    __dctx_level=4
    if ! __dctx_ready; then
        [ -n "$__dctx_none" ] || return 1
        __dctx_level=5
        return 0
    fi
    __dctx_record "$__dctx_idx/.current" && [ "$__dctx_r_format" = "$__dctx_format" ] || return 1
    __dctx_name=$__dctx_r_name
    case $__dctx_r_state in
    ok) ;;
    none | unset) __dctx_level=5 ;;
    *) return 1 ;;
    esac
}
