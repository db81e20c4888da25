# ask.sh: what the core answers, carried out; and which words `dctx` leaves to the core. For bash, and for zsh under sh
# emulation, when something first needs it. ask.bash and ask.zsh have what only their shell can do: __dctx_exported,
# __dctx_fixed, __dctx_below, __dctx_forget, __dctx_evaluate. dash dialect, but for what these two shells share.
# `command` before a built-in: a user's function may have its name.
# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC3028,SC3043

# Say $1, a sentence with one %s, and what stands there.
__dctx_say() {
    # shellcheck disable=SC2059  # the sentence is ours
    command printf "$1\n" "${2-}" >&2
}

# Run the core with "$@".
__dctx_core() {
    if [ -n "$__dctx_python" ] && ! [ -x "$__dctx_python" ]; then
        __dctx_say "$__dctx_m_no_python" "$__dctx_python"
        return 1
    elif ! [ -x "$__dctx_bin" ]; then
        __dctx_say "$__dctx_m_no_core" "$__dctx_bin"
        return 1
    elif [ -n "$__dctx_python" ]; then
        "$__dctx_python" -ESc "$__dctx_begin" "$__dctx_bin" "$@"
    else
        "$__dctx_bin" "$@"
    fi
}

# Ask the core `_hook` "$@" and do what it answers. Status: what `dctx` returns; 125: there is no answer. Only what the
# core quoted is evaluated, and an answer that was cut off is none.
__dctx_question() {
    local $__dctx_l_answer
    local text=''
    __dctx_a_done=
    if [ "$1" = prompt ] && [ -x "$__dctx_bin" ] && { [ -z "$__dctx_python" ] || [ -x "$__dctx_python" ]; }; then
        text=$(__dctx_hook_asks "$@" 2>/dev/null) || :
    elif [ "$1" != prompt ]; then
        text=$(__dctx_hook_asks "$@") || return 1
    elif [ "$__dctx_said" != "$__dctx_bin" ] && [ -z "$__dctx_gone" ]; then
        __dctx_said=$__dctx_bin
        __dctx_core || :
        return 125
    else
        return 125
    fi
    __dctx_evaluate "$text"
    if [ "$__dctx_a_done" != 1 ]; then
        [ "$1" = prompt ] && [ "$__dctx_said" = "$__dctx_bin" ] || __dctx_say "$__dctx_m_no_answer" "$__dctx_bin"
        __dctx_said=$__dctx_bin
        return 125
    fi
    __dctx_take "$1"
}
__dctx_hook_asks() {
    # An unexported wish to keep keys out of sessions is one, too.
    [ -z "${DCTX_EXPORT_KEY-}" ] || export DCTX_EXPORT_KEY
    if [ -n "$__dctx_gone" ]; then set -- --gone "$@"; fi
    __dctx_core _hook --shell "$__dctx_dialect" "--prev=$__dctx_prev" "$@"
}

# Carry out the answer in __dctx_a_* to the question $1.
__dctx_take() {
    if [ -n "$__dctx_a_session" ]; then
        if ! __dctx_free; then
            [ "$1" = prompt ] || __dctx_readonly
            __dctx_lost
            return 1
        fi
        __dctx_change
    elif [ "$1" != prompt ] && [ "$__dctx_a_rc" != 0 ]; then
        # What was refused changes nothing, what is shown included: the next prompt looks by itself.
        __dctx_seen='' __dctx_said=$__dctx_a_say
        __dctx_say %s "$__dctx_a_say"
        return "$__dctx_a_rc"
    fi
    __dctx_prev=$__dctx_a_prev __dctx_until=$__dctx_a_until __dctx_stamp='' __dctx_none='' __dctx_asked=${SECONDS%.*}
    if [ -n "$__dctx_a_dir" ]; then
        __dctx_cfg=$__dctx_a_dir/config.json __dctx_idx=$__dctx_a_dir/index __dctx_folder=$__dctx_a_dir
        if [ -n "$__dctx_a_gen" ]; then
            __dctx_stamp=$__dctx_idx/.$__dctx_clock.$__dctx_a_gen
        elif ! [ -e "$__dctx_cfg" ] && ! [ -L "$__dctx_cfg" ]; then
            __dctx_none=1
        fi
    fi
    __dctx_show "$__dctx_a_level" "$__dctx_a_name" "$__dctx_a_segment" "$__dctx_a_state" "$__dctx_a_shown"
    __dctx_look
    __dctx_text=
    [ -n "${__dctx_n_profile-}" ] || __dctx_dotenv
    [ -z "$__dctx_a_session" ] || __dctx_forget # the last session's key is part of fingerprints
    __dctx_seen=$__dctx_now __dctx_env=$__dctx_text
    __dctx_keep "$__dctx_a_level" "$__dctx_a_segment"
    if [ -n "$__dctx_a_say" ] && { [ "$1" != prompt ] || [ "$__dctx_said" != "$__dctx_a_say" ]; }; then
        if [ "$1" != prompt ] && [ -n "$__dctx_a_session" ] && __dctx_below; then
            __dctx_say "$__dctx_m_subshell"
        else
            __dctx_say %s "$__dctx_a_say"
        fi
    fi
    __dctx_said=$__dctx_a_say # which no prompt repeats
    return "$__dctx_a_rc"
}

# Change the session's variables as __dctx_a_session says.
__dctx_change() {
    local name prefix=__dctx_n_saved_profile
    prefix=${prefix%__dctx_n_profile}
    if [ "$__dctx_a_session" != set ] || [ -n "$__dctx_a_save" ]; then
        for name in $__dctx_l_owned; do
            case " $__dctx_a_restore " in *" $name "*) __dctx_copy "$prefix$name" "$name" ;; esac
        done
    fi
    case $__dctx_a_session in
    end) command unset __dctx_n_session $__dctx_l_saved ;;
    rest) command export "__dctx_n_session=$__dctx_a_memory" ;;
    set)
        [ -z "$__dctx_a_save" ] || __dctx_save
        command export "__dctx_n_profile=$__dctx_a_profile" "__dctx_n_url=$__dctx_a_url" "__dctx_n_key=$__dctx_a_key" \
            "__dctx_n_org=$__dctx_a_org" "__dctx_n_org_id=$__dctx_a_org_id" "__dctx_n_session=$__dctx_a_memory"
        command unset __dctx_n_token
        [ -n "$__dctx_a_org" ] || command unset __dctx_n_org
        [ -n "$__dctx_a_org_id" ] || command unset __dctx_n_org_id
        ;;
    esac
}

# Copy what a first switch replaces.
__dctx_save() {
    local name prefix=__dctx_n_saved_profile
    prefix=${prefix%__dctx_n_profile}
    for name in $__dctx_l_owned; do __dctx_copy "$name" "$prefix$name"; done
}

# Make the variable $2 what $1 is: unset; or of its value, and exported if and only if $1 is. Only assignments are
# evaluated: aliases would be expanded.
__dctx_copy() {
    local is
    command unset "$2"
    command eval "is=\${$1+x}"
    [ -n "$is" ] || return 0
    command eval "$2=\$$1"
    if __dctx_exported "$1"; then command export "$2"; fi
}

# Say which variable of the session cannot be changed.
__dctx_readonly() {
    local name
    for name in $__dctx_l_owned __dctx_n_session; do
        __dctx_fixed "$name" || continue
        __dctx_say "$__dctx_m_readonly" "$name"
        return 1
    done
    return 1
}

# Ask for a change of the session, unless a variable of it cannot be changed.
__dctx_want() {
    __dctx_free || {
        __dctx_readonly
        return
    }
    __dctx_question "$@"
}

# Choose on a terminal; else list.
__dctx_pick() {
    local name
    if [ -n "${DCTX_NO_FZF-}" ] || ! [ -t 0 ] || ! [ -t 1 ] || ! command -v fzf >/dev/null 2>&1; then
        __dctx_core list
        return
    fi
    name=$(__dctx_core _pick -- "$__dctx_prev") || return
    if [ -n "$name" ]; then __dctx_switch "$name"; else __dctx_core list; fi
}

__dctx_switch() {
    __dctx_quick_switch "$1" || __dctx_want switch -- "$1"
}

# Leave "$@" to the core. A renamed profile takes this terminal along.
__dctx_command() {
    local rc=0
    __dctx_core "$@" || rc=$?
    __dctx_forget
    [ "$rc" = 0 ] && [ "$1" = rename ] || return "$rc"
    while [ "$#" -gt 2 ]; do shift; done
    __dctx_question rename "$@"
}

# Who does what: words of ours are the core's, any other single word is a profile's name.
__dctx_route() {
    case $#:${1-}:${2-} in
    0:*) __dctx_pick ;;
    1:-: | 2:switch:-) __dctx_want back ;;
    1:off:) __dctx_want off ;;
    2:-:-h | 2:-:--help) __dctx_command switch --help ;;
    2:--:* | 2:switch:[!-]*) __dctx_switch "$2" ;;
    3:switch:--) __dctx_switch "$3" ;;
    1:-*) __dctx_command "$@" ;;
    1:*)
        case $__dctx_yielding:$__dctx_words in
        *" $1 "*:*)
            # A profile may have had the name before the word was ours.
            case $__dctx_nl$(__dctx_core list -q 2>/dev/null)$__dctx_nl in
            *"$__dctx_nl$1$__dctx_nl"*) __dctx_want switch -- "$1" ;;
            *) __dctx_command "$@" ;;
            esac
            ;;
        *:*" $1 "*) __dctx_command "$@" ;;
        *) __dctx_want switch -- "$1" ;;
        esac
        ;;
    *) __dctx_command "$@" ;;
    esac
}
