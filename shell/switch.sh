# switch.sh: what a switch does to this terminal, and what a prompt seldom says. For bash and zsh
# (under sh emulation); comes with __dctx_more. dash dialect. Starts no process but to ask the core.
# Each hook adds what only its shell can do: __dctx_exported, __dctx_locked, __dctx_shell (its name
# for `dctx env --shell`).
# Source of the rules: design.md, "Session" and "Prompt"; dokploy_ctx/session.py does the same.
# `command` before a built-in: a user's function may have its name (`local` alone cannot be guarded
# in dash dialect).
# shellcheck disable=SC2154  # constants come from the header, __dctx_r_* from core.sh

__dctx_say() {
    command printf 'dctx: %s\n' "$1" >&2
}

# Run the core with "$@".
__dctx_core() {
    if ! [ -x "$__dctx_bin" ]; then
        __dctx_say "the program $__dctx_bin is gone. Install dctx again, then run: dctx install"
        return 1
    fi
    "$__dctx_bin" "$@"
}

# Have the index compiled, once per change of config.json: where that fails the core leaves a file
# of the same age, __dctx_bad; where it could not even do that, "-" and the path stand for it.
__dctx_compile() {
    [ "$__dctx_bad" != "-$__dctx_cfg" ] || return 0
    [ -z "$__dctx_bad" ] || ! __dctx_same_age "$__dctx_bad" || return 0
    if ! [ -x "$__dctx_bin" ]; then
        [ -n "$__dctx_told$__dctx_hush" ] || __dctx_core
        __dctx_told=1
        return 0
    fi
    # Compiled already, but this shell's clock is too coarse to be sure: what is wrong was told then.
    if [ -n "$__dctx_hush" ] || __dctx_fresh stamp; then
        __dctx_bad=$("$__dctx_bin" sync --hook 2>/dev/null) && return
    else
        __dctx_bad=$("$__dctx_bin" sync --hook) && return
    fi
    # A damaged config.json is compiled, too: the index then says so.
    __dctx_fresh stamp || __dctx_bad=${__dctx_bad:-"-$__dctx_cfg"}
}

# No child sees the variable $1: nor do we.
__dctx_blank() {
    case $1 in
    DOKPLOY_PROFILE) __dctx_v_profile= ;;
    DOKPLOY_URL) __dctx_v_url= ;;
    DOKPLOY_API_KEY) __dctx_v_key='' __dctx_v_key_is= ;;
    DOKPLOY_AUTH_TOKEN) __dctx_v_token= ;;
    DOKPLOY_CONFIG_DIR) __dctx_v_dir= ;;
    esac
}

# Status 0: this terminal is in a session of ours, and DOKPLOY_PROFILE still what we set.
__dctx_in_session() {
    case ${_DCTX_SESSION-} in
    "$__dctx_v_profile$__dctx_us"*) [ -n "$__dctx_v_profile" ] ;;
    *) return 1 ;;
    esac
}

# Point the session at name $1, url $2, key $3, organization $4, its id $5.
__dctx_apply() {
    command export "DOKPLOY_PROFILE=$1" "DOKPLOY_URL=$2" "DOKPLOY_API_KEY=$3" "DCTX_ORG=$4" \
        "DCTX_ORG_ID=$5" "_DCTX_SESSION=$1$__dctx_us$2$__dctx_us$3"
    command unset DOKPLOY_AUTH_TOKEN
    [ -n "$4" ] || command unset DCTX_ORG
    [ -n "$5" ] || command unset DCTX_ORG_ID
}

# Make the variable $2 what $1 is: unset; or of its value, and exported if and only if $1 is. Only
# assignments are evaluated: aliases would be expanded.
__dctx_copy() {
    local is
    command unset "$2"
    command eval "is=\${$1+x}"
    [ -n "$is" ] || return 0
    command eval "$2=\$$1"
    if __dctx_exported "$1"; then command export "$2"; fi
}

# Copy what a first switch replaces.
__dctx_save() {
    local name
    # The usual case first, for speed; likewise below.
    [ -n "${DOKPLOY_PROFILE+x}${DOKPLOY_URL+x}${DOKPLOY_API_KEY+x}${DOKPLOY_AUTH_TOKEN+x}${DCTX_ORG+x}${DCTX_ORG_ID+x}" ] || return 0
    for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG DCTX_ORG_ID; do
        __dctx_copy "$name" "_DCTX_S_$name"
    done
}

# End the session: what is still ours returns to what was there before the first switch; what
# somebody changed since stays.
__dctx_withdraw() {
    if [ -z "${_DCTX_S_DOKPLOY_PROFILE+x}${_DCTX_S_DOKPLOY_URL+x}${_DCTX_S_DOKPLOY_API_KEY+x}${_DCTX_S_DOKPLOY_AUTH_TOKEN+x}${_DCTX_S_DCTX_ORG+x}${_DCTX_S_DCTX_ORG_ID+x}" ] &&
        [ "$_DCTX_SESSION" = "${DOKPLOY_PROFILE-}$__dctx_us${DOKPLOY_URL-}$__dctx_us${DOKPLOY_API_KEY-}" ]; then
        command unset DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DCTX_ORG DCTX_ORG_ID _DCTX_SESSION
        return 0
    fi
    case $_DCTX_SESSION in
    "${DOKPLOY_PROFILE-}$__dctx_us"*) __dctx_copy _DCTX_S_DOKPLOY_PROFILE DOKPLOY_PROFILE ;;
    esac
    case $_DCTX_SESSION in
    *"$__dctx_us${DOKPLOY_URL-}$__dctx_us"*) __dctx_copy _DCTX_S_DOKPLOY_URL DOKPLOY_URL ;;
    esac
    case $_DCTX_SESSION in
    *"$__dctx_us${DOKPLOY_API_KEY-}") __dctx_copy _DCTX_S_DOKPLOY_API_KEY DOKPLOY_API_KEY ;;
    esac
    [ -n "${DOKPLOY_AUTH_TOKEN+x}" ] || __dctx_copy _DCTX_S_DOKPLOY_AUTH_TOKEN DOKPLOY_AUTH_TOKEN
    __dctx_copy _DCTX_S_DCTX_ORG DCTX_ORG
    __dctx_copy _DCTX_S_DCTX_ORG_ID DCTX_ORG_ID
    command unset _DCTX_SESSION _DCTX_S_DOKPLOY_PROFILE _DCTX_S_DOKPLOY_URL \
        _DCTX_S_DOKPLOY_API_KEY _DCTX_S_DOKPLOY_AUTH_TOKEN _DCTX_S_DCTX_ORG _DCTX_S_DCTX_ORG_ID
}

# What a session holds as the key of the loaded record, in __dctx_reply. Status 1: the core has it.
__dctx_session_key() {
    if [ -n "$__dctx_r_protected" ] || [ "${DCTX_EXPORT_KEY-}" = 0 ]; then
        __dctx_reply=$__dctx_sentinel
    elif [ -n "$__dctx_r_ask" ]; then
        return 1
    else
        __dctx_reply=$__dctx_r_key
    fi
}

# Keep the session true: withdrawn where somebody else took DOKPLOY_PROFILE, renewed where its
# record changed. __dctx_mark is set to "!" where URL or key were changed by hand: hands off then.
__dctx_tend() {
    if ! __dctx_in_session; then
        __dctx_locked || { __dctx_withdraw && __dctx_see; }
        return 0
    fi
    if ! __dctx_own_pair; then
        __dctx_mark=!
        return 0
    fi
    { __dctx_ready && __dctx_load "$DOKPLOY_PROFILE"; } || return 0
    if ! __dctx_session_key; then
        # The vault is not asked at a prompt: the key stays while the panel is the same.
        __dctx_reply=$__dctx_sentinel
        [ "$DOKPLOY_URL" != "$__dctx_r_url" ] || __dctx_reply=$DOKPLOY_API_KEY
    fi
    if [ "$DOKPLOY_URL" = "$__dctx_r_url" ] && [ "$DOKPLOY_API_KEY" = "$__dctx_reply" ] &&
        [ "${DCTX_ORG-}" = "$__dctx_r_org" ] && [ "${DCTX_ORG_ID-}" = "$__dctx_r_org_id" ]; then
        return 0
    fi
    __dctx_locked || {
        __dctx_apply "$__dctx_r_name" "$__dctx_r_url" "$__dctx_reply" "$__dctx_r_org" "$__dctx_r_org_id"
        __dctx_see
    }
}

# A name that may have a record. In: $1. Letters are spelled out: in some locales A-Z has é.
__dctx_letters=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789
__dctx_plain() {
    case $1 in
    '' | [!"$__dctx_letters"]* | *[!"$__dctx_letters"._@+-]*) return 1 ;;
    esac
}

# The host of level 3's URL as "env:HOST", or "?" where it is not fit to show. In __dctx_reply.
__dctx_host() {
    local host=${__dctx_pair_url#*://}
    host=${host%%[/?#]*}
    host=env:${host##*@}
    __dctx_reply=$host
    case $host in
    *[!"$__dctx_letters"._:@+-]*) __dctx_reply='?' ;;
    esac
    [ "${#host}" -le 64 ] || __dctx_reply='?'
}

# The segment for a name (level 2) that has no record, in __dctx_reply: the bare name where the
# core can use it, "NAME!" where it was this session's and is gone, "?" else.
__dctx_without_record() {
    local ready=
    ! __dctx_ready || ready=1
    __dctx_reply='?'
    __dctx_plain "$__dctx_name" && [ "${#__dctx_name}" -le 64 ] || return 0
    if [ -n "$ready" ]; then
        if ! __dctx_record "$__dctx_idx/.current" || [ "$__dctx_r_state" = damaged ]; then return 0; fi
        __dctx_text "$__dctx_idx/.others"
        case $__dctx_us${__dctx_reply%"$__dctx_nl"}$__dctx_us in
        *"$__dctx_us$__dctx_name$__dctx_us"*)
            __dctx_reply=$__dctx_name$__dctx_mark
            return 0
            ;;
        esac
        __dctx_reply='?'
    elif [ -e "$__dctx_cfg" ]; then
        return 0
    fi
    ! __dctx_in_session || __dctx_reply=$__dctx_name!
}

# Show what a prompt seldom says: level 3 (status 0 of __dctx_resolve, in $1), or a refusal.
__dctx_look_odd() {
    local state=unknown
    case $1:$__dctx_level in
    0:*)
        __dctx_host
        [ "$__dctx_reply" = '?' ] || state='env'
        ;;
    *:2)
        __dctx_without_record
        [ "$__dctx_reply" != "$__dctx_name" ] || state=session
        ;;
    *) __dctx_reply='?' ;;
    esac
    __dctx_show "$__dctx_reply" "$state"
}

# Switch this terminal to the profile $1, all or nothing.
__dctx_switch() {
    local name="$1" text="$__dctx_prev" ours='' __dctx_hush=
    if __dctx_locked; then
        __dctx_say "$__dctx_reply is readonly here. Nothing was changed."
        return 1
    fi
    if __dctx_in_session; then
        ours=1
        [ "$DOKPLOY_PROFILE" = "$name" ] || text=$DOKPLOY_PROFILE
    elif [ -n "${_DCTX_SESSION-}" ]; then
        __dctx_withdraw
    fi
    __dctx_hush=1
    if __dctx_ready && __dctx_load "$name" && __dctx_session_key; then
        __dctx_hush='' __dctx_prev=$text
        [ -n "$ours" ] || __dctx_save
        __dctx_apply "$name" "$__dctx_r_url" "$__dctx_reply" "$__dctx_r_org" "$__dctx_r_org_id"
        __dctx_level=2 __dctx_name=$name __dctx_mark=
        __dctx_show
    else
        __dctx_hush=
        __dctx_evaluate "$name" "$ours" || return
        __dctx_prev=$text
        __dctx_refresh
    fi
    __dctx_say "this terminal is on $DCTX_SEGMENT ($DOKPLOY_URL)."
}

# Switch to $1 by what the core prints: it knows keys that are not in the index, and says what is
# wrong where nothing can be switched. It cannot see what is not exported: that is saved here, unless
# $2 says that this terminal is in a session.
__dctx_evaluate() {
    local text
    text=$(__dctx_core env --direct --shell "$__dctx_shell" -- "$1") || return
    [ -n "$2" ] || __dctx_save
    command eval "$text"
}

__dctx_off() {
    local name=
    if [ -z "${_DCTX_SESSION-}" ]; then
        if [ -n "${DOKPLOY_PROFILE-}" ]; then
            __dctx_say "DOKPLOY_PROFILE was not set by dctx here; it stays. Run: unset DOKPLOY_PROFILE"
        else
            __dctx_say 'this terminal has not switched.'
        fi
        return 0
    fi
    if __dctx_locked; then
        __dctx_say "$__dctx_reply is readonly here. Nothing was changed."
        return 1
    fi
    ! __dctx_in_session || name=$DOKPLOY_PROFILE
    __dctx_withdraw
    __dctx_prev=${name:-$__dctx_prev}
    __dctx_refresh
    __dctx_say "off. In force here: ${DCTX_SEGMENT-no profile}."
}

# The profile before, and again back; before a first switch there was none.
__dctx_back() {
    if __dctx_in_session; then
        case $__dctx_prev in
        '' | "$DOKPLOY_PROFILE")
            __dctx_off
            return
            ;;
        esac
    elif [ -z "$__dctx_prev" ]; then
        __dctx_say 'this terminal has not switched, so there is no way back. Run: dctx NAME'
        return 1
    fi
    __dctx_switch "$__dctx_prev"
}

# Choose by fzf on a terminal; else list.
__dctx_pick() {
    local lines name rc=0
    if [ -n "${DCTX_NO_FZF-}" ] || ! [ -t 0 ] || ! [ -t 1 ] || ! command -v fzf >/dev/null 2>&1; then
        __dctx_core list
        return
    fi
    lines=$(__dctx_core _fzf -- "$__dctx_prev") || return
    if [ -z "$lines" ]; then
        __dctx_core list
        return
    fi
    name=$(command printf '%s\n' "$lines" | command fzf --delimiter='	' --with-nth=2.. \
        --height=40% --layout=reverse --prompt='dctx> ' --no-multi --no-tac --no-print-query \
        --no-expect --no-print0) || rc=$?
    [ "$rc" = 0 ] || return 130
    __dctx_switch "${name%%	*}"
}

# Hand "$@" to the core; a renamed profile takes this terminal along.
__dctx_command() {
    local old=
    __dctx_core "$@" || return
    __dctx_bad='' __dctx_key=
    if [ "$1" = rename ]; then
        while [ "$#" -gt 2 ]; do shift; done
        old=$1
        [ "$__dctx_prev" != "$old" ] || __dctx_prev=$2
        if __dctx_in_session && [ "$DOKPLOY_PROFILE" = "$old" ]; then
            old=$__dctx_prev
            __dctx_switch "$2"
            __dctx_prev=$old
        fi
    fi
    __dctx_refresh
}

# Who does what: words of ours to the core, any other single word is a profile's name.
__dctx_route() {
    case $#:${1-}:${2-} in
    0:*) __dctx_pick ;;
    1:-: | 2:switch:-) __dctx_back ;;
    1:off:) __dctx_off ;;
    2:--:* | 2:switch:[!-]*) __dctx_switch "$2" ;;
    3:switch:--) __dctx_switch "$3" ;;
    1:-*) __dctx_command "$@" ;;
    1:*)
        case $__dctx_words in
        *" $1 "*) __dctx_command "$@" ;;
        *) __dctx_switch "$1" ;;
        esac
        ;;
    *) __dctx_command "$@" ;;
    esac
}
