# ask.sh: what the core answers, carried out; and which words `dctx` leaves to the core. For bash and zsh, when
# something first needs it. copy.* has
# __dctx_copy; ask.bash and ask.zsh have __dctx_fixed and __dctx_evaluate.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2015

# Say $1, a sentence with one %s, and what stands there.
__dctx_say() {
    # shellcheck disable=SC2059  # the sentence is ours
    printf "$1\n" "${2-}" >&2
}

# Say what of the core is not there. Status 1: it can be run.
__dctx_missing() {
    if [[ -n $__dctx_python && ! -x $__dctx_python ]]; then
        __dctx_say "$__dctx_m_no_python" "$__dctx_python"
    else
        [[ ! -x $__dctx_bin ]] && __dctx_say "$__dctx_m_no_core" "$__dctx_bin"
    fi
}

# Run the core with "$@".
__dctx_core() {
    ! __dctx_missing || return 1
    set -- "$__dctx_bin" "$@"
    [[ -z $__dctx_python ]] || set -- "$__dctx_python" -ESc "$__dctx_begin" "$@"
    "$@"
}

# Ask the core what $1 (prompt, switch, …) does here, and do it. Only what the core quoted is evaluated, and an answer
# that was cut off is none.
__dctx_question() {
    local $__dctx_l_answer
    local text='' rc=0
    __dctx_a_done=
    if [[ $1 == prompt ]]; then
        text=$(__dctx_hook_asks "$@" 2>/dev/null) || rc=$?
    else
        text=$(__dctx_hook_asks "$@") || return 1
    fi
    __dctx_evaluate "$text"
    if [[ $__dctx_a_done != 1 ]]; then
        # Prompts say it once, and not at all where dctx was uninstalled.
        if [[ $1 != prompt ]] || [[ $__dctx_said != "$__dctx_bin" && -z $__dctx_gone ]]; then
            if [[ $rc == 126 ]]; then
                __dctx_say "$__dctx_m_old_python" "$__dctx_python"
            else
                __dctx_missing || __dctx_say "$__dctx_m_no_answer" "$__dctx_bin"
            fi
        fi
        [[ $1 != prompt ]] || __dctx_lost
        __dctx_said=$__dctx_bin
        return 1
    fi
    __dctx_take "$1"
}
__dctx_hook_asks() {
    # An unexported wish to keep keys out of sessions is one, too.
    [[ -z ${DCTX_EXPORT_KEY-} ]] || export DCTX_EXPORT_KEY
    [[ -z $__dctx_gone ]] || set -- --gone "$@"
    __dctx_core _hook --shell "$__dctx_shell" "--prev=$__dctx_prev" "$@"
}

# Carry out the answer in __dctx_a_* to the question $1.
__dctx_take() {
    local IFS=' ' # with another one bash 3.2 makes one word of a part of a list
    if [[ -n $__dctx_a_session ]]; then
        if ! __dctx_free; then
            [[ $1 == prompt ]] || __dctx_readonly
            __dctx_lost
            return 1
        fi
        __dctx_change
    elif [[ $1 != prompt && $__dctx_a_rc != 0 ]]; then
        # What was refused changes nothing, what is shown included: the next prompt looks by itself.
        __dctx_seen='' __dctx_said=$__dctx_a_say
        __dctx_say %s "$__dctx_a_say"
        return "$__dctx_a_rc"
    fi
    __dctx_prev=$__dctx_a_prev __dctx_until=$__dctx_a_until __dctx_none='' __dctx_asked=${SECONDS%.*}
    __dctx_folder=$__dctx_a_dir __dctx_cfg=$__dctx_a_dir/config.json __dctx_idx=$__dctx_a_dir/index
    __dctx_stamp=${__dctx_a_gen:+$__dctx_idx/.$__dctx_clock.$__dctx_a_gen}
    [[ -n $__dctx_a_gen || -z $__dctx_a_dir || -e $__dctx_cfg || -L $__dctx_cfg ]] || __dctx_none=1
    __dctx_show "$__dctx_a_level" "$__dctx_a_name" "$__dctx_a_segment" "$__dctx_a_state" "$__dctx_a_shown"
    __dctx_look || : # it has changed
    __dctx_text=
    [[ -n ${__dctx_n_profile-} ]] || __dctx_dotenv
    [[ -z $__dctx_a_session ]] || __dctx_forget # the last session's key is part of fingerprints
    __dctx_seen=$__dctx_now __dctx_env=$__dctx_text
    __dctx_kept=("$__dctx_seen" "$__dctx_env" "$__dctx_cfg" "$__dctx_idx" "$__dctx_stamp" "$__dctx_none"
        "$__dctx_asked" "$__dctx_until" "$__dctx_a_level" "$__dctx_name" "$__dctx_a_segment" "$__dctx_state"
        "$__dctx_shown" "${__dctx_kept[@]:0:91}")
    if [[ $1 != prompt && -n $__dctx_a_session && $BASH_SUBSHELL != 0 ]]; then
        __dctx_say "$__dctx_m_subshell"
    elif [[ -n $__dctx_a_say ]] && [[ $1 != prompt || ($__dctx_said != "$__dctx_a_say" && $__dctx_said != 4) ]]; then
        __dctx_say %s "$__dctx_a_say"
    fi
    __dctx_said=$__dctx_a_say # which no prompt repeats
    return "$__dctx_a_rc"
}

# Show the core's last answer for the fingerprint in __dctx_now and __dctx_text: a way back asks nothing. Status 1:
# there is none, or it is old.
__dctx_recall() {
    set -- "${__dctx_kept[@]}"
    while [[ $# -gt 0 ]]; do
        if [[ $1 == "$__dctx_now" ]] && test "$2" = "$__dctx_text"; then
            __dctx_cfg=$3 __dctx_idx=$4 __dctx_stamp=$5 __dctx_none=$6 __dctx_asked=$7 __dctx_until=$8 __dctx_name=${10}
            __dctx_good || return
            __dctx_show "$9" "${10}" "${11}" "${12}" "${13}"
            return 0
        fi
        shift 13
    done
    return 1
}

# Forget what the core answered: it has changed something since, or a command is to try again.
__dctx_forget() {
    __dctx_kept=() __dctx_seen='' __dctx_said=''
}

# Change the session's variables as __dctx_a_session says.
__dctx_change() {
    local name
    if [[ $__dctx_a_session != set || -n $__dctx_a_save ]]; then
        for name in $__dctx_l_owned; do
            [[ " $__dctx_a_restore " != *" $name "* ]] || __dctx_copy "$__dctx_saved$name" "$name"
        done
    fi
    [[ $__dctx_a_session == set || -z $__dctx_a_profile ]] || export __dctx_n_profile="$__dctx_a_profile"
    case $__dctx_a_session in
    end) unset __dctx_n_session $__dctx_l_saved ;;
    rest) export __dctx_n_session="$__dctx_a_memory" ;;
    set)
        [[ -z $__dctx_a_save ]] || __dctx_save
        export __dctx_n_profile="$__dctx_a_profile" __dctx_n_url="$__dctx_a_url" __dctx_n_key="$__dctx_a_key" \
            __dctx_n_org="$__dctx_a_org" __dctx_n_org_id="$__dctx_a_org_id" __dctx_n_session="$__dctx_a_memory"
        unset __dctx_n_token
        [[ -n $__dctx_a_org ]] || unset __dctx_n_org
        [[ -n $__dctx_a_org_id ]] || unset __dctx_n_org_id
        ;;
    esac
}

# Copy what a first switch replaces.
__dctx_save() {
    local name
    for name in $__dctx_l_owned; do __dctx_copy "$name" "$__dctx_saved$name"; done
}

# Say which variable of the session cannot be changed.
__dctx_readonly() {
    local name
    for name in $__dctx_l_changed; do
        ! __dctx_fixed "$name" || break
    done
    __dctx_say "$__dctx_m_readonly" "$name"
    return 1
}

# Ask for a change of the session, unless a variable of it cannot be changed.
__dctx_want() {
    if __dctx_free; then __dctx_question "$@"; else __dctx_readonly; fi
}

# Choose on a terminal; else list.
__dctx_pick() {
    local name=''
    if [[ -z ${DCTX_NO_FZF-} && -t 0 && -t 1 ]] && command -v fzf >/dev/null 2>&1; then
        name=$(__dctx_core _pick -- "$__dctx_prev") || return
    fi
    if [[ -n $name ]]; then __dctx_route -- "$name"; else __dctx_core list; fi
}

# Leave "$@" to the core. A renamed profile takes this terminal along.
__dctx_command() {
    local rc=0
    __dctx_core "$@" || rc=$?
    __dctx_forget
    # What is wrong with config.json the core has just said: the next prompt need not.
    [[ $rc != 4 ]] || __dctx_said=4
    [[ $rc == 0 && $1 == rename ]] || return "$rc"
    while [[ $# -gt 2 ]]; do shift; done
    __dctx_question rename "$@"
}

# Who does what: words of ours are the core's, any other single word is a profile's name.
__dctx_route() {
    case $#:${1-}:${2-} in
    0:*) __dctx_pick ;;
    1:-: | 2:switch:-) __dctx_want back ;;
    1:off:) __dctx_want off ;;
    2:-:-h | 2:-:--help) __dctx_command switch --help ;;
    2:--:* | 2:switch:[!-]* | 3:switch:--)
        shift "$(($# - 1))"
        __dctx_switch "$1" || __dctx_want switch -- "$1"
        ;;
    1:[!-]*)
        if [[ $__dctx_words$__dctx_yielding != *" $1 "* ]]; then
            __dctx_want switch -- "$1"
        elif [[ $__dctx_yielding == *" $1 "* &&
            $__dctx_nl$(__dctx_core list -q 2>/dev/null)$__dctx_nl == *"$__dctx_nl$1$__dctx_nl"* ]]; then
            __dctx_want switch -- "$1" # a profile of that name comes before the word
        else
            __dctx_command "$@"
        fi
        ;;
    *) __dctx_command "$@" ;;
    esac
}
