# core.sh: the index and the one resolution order, for bash, zsh (sh emulation) and the shim.
# dash dialect: POSIX plus `local`. Starts no process but where the index is stale (__dctx_sync).
# Policy is the core's (dokploy_ctx/resolve.py answers alike; tests/cases.py drives both); here
# finished fields are read and compared.
# shellcheck disable=SC2154  # the constants come from the header, records from read

# A name that may have a record. In: $1. Letters are spelled out: in some locales A-Z has é.
__dctx_letters=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789
__dctx_plain() {
    case $1 in
    '' | [!"$__dctx_letters"]* | *[!"$__dctx_letters"._@+-]*) return 1 ;;
    esac
}

# What a child of this shell sees of the variables that decide, in __dctx_v_*. Of those that $1
# names, each between blanks, it sees nothing: they are set but not exported.
__dctx_view() {
    __dctx_v_profile=${DOKPLOY_PROFILE-} __dctx_v_url=${DOKPLOY_URL-} __dctx_v_dir=${DOKPLOY_CONFIG_DIR-}
    __dctx_v_key=${DOKPLOY_API_KEY-} __dctx_v_key_is=${DOKPLOY_API_KEY+1} __dctx_v_token=${DOKPLOY_AUTH_TOKEN-}
    [ -n "$1" ] || return 0
    case $1 in *' DOKPLOY_PROFILE '*) __dctx_v_profile= ;; esac
    case $1 in *' DOKPLOY_URL '*) __dctx_v_url= ;; esac
    case $1 in *' DOKPLOY_API_KEY '*) __dctx_v_key='' __dctx_v_key_is= ;; esac
    case $1 in *' DOKPLOY_AUTH_TOKEN '*) __dctx_v_token= ;; esac
    case $1 in *' DOKPLOY_CONFIG_DIR '*) __dctx_v_dir= ;; esac
}

# Split the first line of the file $1 at 0x1f into the variables that are named after it.
# Status 1: there is none.
__dctx_read() {
    local file="$1"
    shift
    { IFS=$__dctx_us read -r "$@" <"$file"; } 2>/dev/null
}

# Read the record in the file $1 into __dctx_r_*, in the order of index.py's FIELDS.
__dctx_record() {
    __dctx_read "$1" __dctx_r_format __dctx_r_name __dctx_r_url __dctx_r_key __dctx_r_ask \
        __dctx_r_protected __dctx_r_org_id __dctx_r_org __dctx_r_segment __dctx_r_due
}

# Read `.current` into __dctx_c_*, in the order of index.py's CURRENT_FIELDS.
__dctx_current() {
    __dctx_read "$__dctx_idx/.current" __dctx_c_format __dctx_c_state __dctx_c_name __dctx_c_by
}

# The text of the file $1, in __dctx_reply.
__dctx_text() {
    local line
    __dctx_reply=
    while IFS= read -r line || [ -n "$line" ]; do
        __dctx_reply=$__dctx_reply$line$__dctx_nl
    done <"$1"
}

# Where the configuration is: __dctx_cfg, __dctx_idx. Status 1: the core would refuse the folder.
__dctx_where() {
    case $__dctx_v_dir in
    '') __dctx_cfg=${HOME-}/.dokploy ;;
    /*) __dctx_cfg=$__dctx_v_dir ;;
    *) return 1 ;;
    esac
    __dctx_idx=$__dctx_cfg/index
    __dctx_cfg=$__dctx_cfg/config.json
}

# Status 0: config.json is as old as the file $1. Existence is asked first: of a missing file
# bash and fish say "older" and "newer", zsh and dash say neither.
__dctx_same_age() {
    [ -e "$1" ] && ! [ "$__dctx_cfg" -nt "$1" ] && ! [ "$__dctx_cfg" -ot "$1" ]
}

# Status 0: the index is of this config.json. $1 names the stamp that this shell's comparison of
# times is good for: stamp, or coarse for whole seconds.
__dctx_fresh() {
    # A generation that is known and still has its stamp is the newest: older stamps are unlinked.
    [ -z "${__dctx_gen-}" ] || ! __dctx_same_age "$__dctx_idx/.$1.$__dctx_gen" || return 0
    __dctx_read "$__dctx_idx/.gen" __dctx_gen || return 1
    __dctx_same_age "$__dctx_idx/.$1.$__dctx_gen"
}

# Make the index fit to read. Status 0: it is; 1: it cannot be; 2: there is no config.json.
__dctx_ready() {
    __dctx_where || return 1
    if ! [ -e "$__dctx_cfg" ]; then
        ! [ -L "$__dctx_cfg" ] || return 1
        return 2
    fi
    if ! __dctx_fresh "$__dctx_clock"; then
        __dctx_sync
        # What was compiled just now is good now, though a coarse clock must ask again next time.
        __dctx_fresh stamp || return 1
    fi
}

# Load the record of the profile $1. Status 1: ask the core.
__dctx_load() {
    __dctx_plain "$1" || return 1
    __dctx_record "$__dctx_idx/$1" || return 1
    [ "$__dctx_r_format" = "$__dctx_format" ] && [ "$__dctx_r_name" = "$1" ]
}

# Cut what JavaScript calls blanks off both ends of $1, into __dctx_reply.
__dctx_trim() {
    local text="$1" before='' rest blank
    while [ "$text" != "$before" ]; do
        before=$text
        case $text in ["$__dctx_spaces"]*) text=${text#?} ;; esac
        case $text in *["$__dctx_spaces"]) text=${text%?} ;; esac
        rest=$__dctx_blanks
        while [ -n "$rest" ]; do
            blank=${rest%% *}
            rest=${rest#"$blank"}
            rest=${rest# }
            text=${text#"$blank"}
            text=${text%"$blank"}
        done
    done
    __dctx_reply=$text
}

# One line of `.env`, by the official CLI's own rule: $1 into __dctx_e_url, _key, _token; each
# __dctx_e_*_is is set where the file names it. The first value that is not empty stays.
__dctx_dotenv_line() {
    local name value
    case $1 in *=*) ;; *) return 0 ;; esac
    __dctx_trim "$1"
    name=${__dctx_reply%%=*}
    value=${__dctx_reply#*=}
    __dctx_trim "$name"
    name=$__dctx_reply
    __dctx_trim "$value"
    value=$__dctx_reply
    case $value in [\"\']*) value=${value#?} ;; esac
    case $value in *[\"\']) value=${value%?} ;; esac
    case $name in
    DOKPLOY_URL) __dctx_e_url=${__dctx_e_url:-$value} __dctx_e_url_is=1 ;;
    DOKPLOY_API_KEY) __dctx_e_key=${__dctx_e_key:-$value} __dctx_e_key_is=1 ;;
    DOKPLOY_AUTH_TOKEN) __dctx_e_token=${__dctx_e_token:-$value} __dctx_e_token_is=1 ;;
    esac
}

# Status 0: there is a `.env` with DOKPLOY_ in it; its text is in __dctx_reply.
__dctx_env_speaks() {
    [ -f .env ] && [ -r .env ] || return 1
    __dctx_text .env
    case $__dctx_reply in *DOKPLOY_*) ;; *) return 1 ;; esac
}

# Level 3. __dctx_pair_is: pair, url or key (half of one), mixed (refused) or nothing;
# __dctx_pair_url, and __dctx_pair_var: the name of the variable that holds the key.
__dctx_pair() {
    # The usual case first, for speed.
    if [ -z "$__dctx_v_url$__dctx_v_key$__dctx_v_token" ] && ! [ -e .env ]; then
        __dctx_pair_is='' __dctx_pair_url='' __dctx_pair_var='' __dctx_env=
        return 0
    fi
    local text line url_from='' key_from='' key=
    __dctx_e_url='' __dctx_e_key='' __dctx_e_token='' __dctx_e_url_is='' __dctx_e_key_is='' __dctx_e_token_is=
    __dctx_env=
    if __dctx_env_speaks; then
        __dctx_env=1
        text=$__dctx_reply$__dctx_nl
        while [ -n "$text" ]; do
            line=${text%%"$__dctx_nl"*}
            text=${text#*"$__dctx_nl"}
            case $line in *DOKPLOY_*) __dctx_dotenv_line "$line" ;; esac
        done
    fi
    __dctx_pair_url=$__dctx_v_url
    [ -n "$__dctx_pair_url" ] || { __dctx_pair_url=$__dctx_e_url url_from=file; }
    if [ -n "$__dctx_v_key_is$__dctx_e_key_is" ]; then
        __dctx_pair_var=DOKPLOY_API_KEY key=$__dctx_v_key
        [ -n "$key" ] || { key=$__dctx_e_key key_from=file; }
    else
        __dctx_pair_var=DOKPLOY_AUTH_TOKEN key=$__dctx_v_token
        [ -n "$key" ] || { key=$__dctx_e_token key_from=file; }
    fi
    if [ -n "$__dctx_pair_url" ] && [ -n "$key" ]; then
        __dctx_pair_is=pair
        [ "$url_from$key_from" != file ] || [ -z "$url_from" ] || __dctx_pair_is=mixed
    elif [ -n "$__dctx_pair_url" ]; then
        __dctx_pair_is=url
    elif [ -n "$key" ]; then
        __dctx_pair_is=key
    else
        __dctx_pair_is=
    fi
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
    local ready=0
    __dctx_name=${1:-$__dctx_v_profile} __dctx_pair_is='' __dctx_env=
    __dctx_r_due=
    if [ -n "$__dctx_name" ]; then
        __dctx_level=2
        [ -z "$1" ] || __dctx_level=1
        __dctx_ready && __dctx_load "$__dctx_name"
        return
    fi
    __dctx_pair
    __dctx_level=3
    case $__dctx_pair_is in
    pair) return 0 ;;
    mixed) return 1 ;;
    esac
    __dctx_level=4
    __dctx_ready || ready=$?
    case $ready in
    1) return 1 ;;
    2)
        __dctx_level=5
        return 0
        ;;
    esac
    __dctx_current && [ "$__dctx_c_format" = "$__dctx_format" ] || return 1
    __dctx_name=$__dctx_c_name
    case $__dctx_c_state in
    ok) __dctx_load "$__dctx_name" ;;
    none) __dctx_level=5 ;;
    *) return 1 ;;
    esac
}
