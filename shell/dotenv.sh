# dotenv.sh: level 3 of the resolution where there is more to it than nothing: URL and key in the
# environment and in `.env`. Belongs to core.sh; in the hooks it comes with __dctx_more. dash dialect.
# shellcheck disable=SC2154  # the constants come from the header, __dctx_v_* from core.sh

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

# Level 3. __dctx_pair_is: pair, url or key (half of one), mixed (refused) or nothing;
# __dctx_pair_url, and __dctx_pair_var: the name of the variable that holds the key. `.env` fills what
# the environment leaves empty.
__dctx_pair() {
    local text line url_from='' key_from='' key=
    __dctx_e_url='' __dctx_e_key='' __dctx_e_token='' __dctx_e_url_is='' __dctx_e_key_is='' __dctx_e_token_is=
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
