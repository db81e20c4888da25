# prompt.sh: which segment is shown, in bash and zsh. After core.sh and the shell's own core.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229,SC2015

# Find the segment, unless what is shown is still good.
__dctx_renew() {
    # shellcheck disable=SC2309  # not `[[`, which is slow with long texts
    if [[ $__dctx_now == "$__dctx_seen" ]] && test "$__dctx_text" = "$__dctx_env" && __dctx_good; then return 0; fi
    if __dctx_quick || { [[ ${#__dctx_kept[@]} != 0 ]] && __dctx_recall; }; then
        __dctx_seen=$__dctx_now __dctx_env=$__dctx_text __dctx_said=
    elif __dctx_load ask; then
        __dctx_question prompt || :
    else
        __dctx_lost
    fi
}

# The core gave no answer, so nobody knows what the next command would use.
__dctx_lost() {
    local level=4
    __dctx_seen=$__dctx_now __dctx_env=$__dctx_text __dctx_stamp='' __dctx_none='' __dctx_until=''
    __dctx_asked=${SECONDS%.*}
    [[ $__dctx_flags != x* || -z $__dctx_n_profile ]] || level=2
    __dctx_show "$level" '' '?' unknown '(?) '
}

# The quick road: show what the next `dokploy` uses, in the states that people live in. It copies finished fields and
# decides nothing: status 1 means that only the core can tell.
__dctx_quick() {
    local us="$__dctx_us" level=2 own='' file='' host='' __dctx_r
    case $__dctx_flags in
    x,x,x,,x,,*) # a session that nobody touched
        [[ -n $__dctx_n_profile && $__dctx_n_session == "$__dctx_n_profile$us$__dctx_n_url$us$__dctx_n_key" ]] || return
        file=$__dctx_n_profile own=1
        ;;
    x,,,,,,*) file=$__dctx_n_profile ;; # DOKPLOY_PROFILE alone
    ,,,,,,*) ;;
    ,x,x,,,,* | ,x,x,x,,,* | ,x,x,,x,,* | ,x,x,x,x,,*)
        # Beside a session of ours that lost its profile the pair may be ours; without the wrapper it decides.
        [[ -z ${__dctx_n_session-} || -n $__dctx_gone ]] || return
        case $__dctx_n_url in http://* | https://*) host=${__dctx_n_url#*://} ;; esac
        host=env:${host%%/*}
        [[ $host != env: && $host != *[!"$__dctx_letters".:-]* && ${#host} -le $__dctx_shown_max &&
            -n $__dctx_n_key ]] || return
        __dctx_none=2 __dctx_stamp='' __dctx_until=''
        __dctx_show 3 '' "$host" env "($host) "
        return 0
        ;;
    *) return 1 ;;
    esac
    [[ -z $__dctx_gone || -n $own ]] || return # without the wrapper no command sees a profile
    case $file in
    '')
        [[ -z $__dctx_text ]] || return
        level=4 file=.current
        ;;
    [!"$__dctx_letters"]* | */*) return 1 ;;
    esac
    if ! __dctx_ready; then
        [[ $level$__dctx_none == 41 ]] || return
        __dctx_until=
        __dctx_show 5 '' '' '' ''
        return 0
    fi
    __dctx_read || return
    case $level$__dctx_r_current_state in
    2)
        [[ $__dctx_r_name == "$file" ]] || return
        [[ -z $own ]] || [[ $__dctx_r_url == "$__dctx_n_url" && $__dctx_r_session_key == "$__dctx_n_key" &&
            $__dctx_r_org == "${__dctx_n_org-}" && $__dctx_r_org_id == "${__dctx_n_org_id-}" &&
            ${DCTX_EXPORT_KEY-} != 0 ]] || return
        ;;
    4ok) ;;
    4none | 4unset) level=5 ;;
    *) return 1 ;;
    esac
    __dctx_until=$__dctx_r_due
    __dctx_show "$level" "$__dctx_r_name" "$__dctx_r_segment" "$__dctx_r_state" "$__dctx_r_shown"
}

# Keep the wrapper's folder first on PATH, whoever put another one there since; and off PATH where it is gone. Status 1:
# dctx was uninstalled, and nothing of it is left in this terminal.
__dctx_path() {
    local rest=":$PATH:"
    while [[ $rest == *":$__dctx_shims:"* ]]; do rest=${rest/":$__dctx_shims:"/:}; done
    rest=${rest#:}
    rest=${rest%:}
    if [[ -x $__dctx_shims/dokploy ]]; then rest=$__dctx_shims:$rest __dctx_gone=; else __dctx_gone=1; fi
    # An assignment makes the shell forget where it found commands.
    [[ $rest == "$PATH" ]] || ! __dctx_writable PATH || PATH=$rest
    [[ -n $__dctx_gone && ! -e $__dctx_files/core.$__dctx_shell ]] || return 0
    eval "$__dctx_leaving"
    __dctx_leave
    return 1
}

# Divide the prompt's text $1 into lead and rest (the caller's): the segment stands behind empty lines; and behind the
# first line of a frame, whose lines would no longer meet.
__dctx_divide() {
    local bare
    lead='' rest=$1
    while [[ $rest == $'\n'* || $rest == '\n'* ]]; do
        case $rest in $'\n'*) lead+=$'\n' rest=${rest#?} ;; *) lead+='\n' rest=${rest#??} ;; esac
    done
    __dctx_unstyled
    case $bare in
    ┌* | ╭* | ╔* | ┏*)
        bare=${rest%%'\n'*}
        bare=${bare%%$'\n'*}
        [[ $bare == "$rest" ]] || lead+=$bare rest=${rest#"$bare"}
        ;;
    esac
}

# What `dctx "$@"` does comes with its first use: session.sh has another function of this name. Without that file the
# core does what it can.
__dctx_main() {
    if __dctx_load session dctx; then __dctx_main "$@"; else [[ -x $__dctx_bin ]] && "$__dctx_bin" "$@"; fi
}
