# prompt.bash: what happens before each prompt of bash. After core.bash.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229

# Before each prompt. Where nothing that decides has changed since the last one, nothing is read.
__dctx_prompt() {
    local rc=$?
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[auvTE]*:* | *:a) __dctx_calm ;; esac
    [[ $PATH == "$__dctx_shims":* && -x $__dctx_shims/dokploy ]] || __dctx_path
    __dctx_look
    if [[ $__dctx_now == x=[!"$__dctx_us"]* || ! -e .env ]]; then __dctx_text=; else __dctx_dotenv; fi
    # As __dctx_fresh, which takes longer.
    [[ $__dctx_now == "$__dctx_seen" && -z $__dctx_text$__dctx_env$__dctx_until && -e $__dctx_stamp &&
        ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        (! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config) ]] || __dctx_renew
    [[ ${PS1-} == *"$__dctx_reference"* && -z ${DCTX_PROMPT-}${STARSHIP_SHELL-} &&
        "${PROMPT_COMMAND[*]-}" == *__dctx_prompt* ]] || __dctx_hang
    __dctx_ran=1
    [[ -z $__dctx_calmed ]] || __dctx_restore
    # bash 5.1 gives each element of the list the user's own status back; `set -e` and an ERR trap hear ours.
    [[ $__dctx_bash -ge 501 || $- == *e* ]] || return "$rc"
}

# Find the segment, unless what is shown is still good.
__dctx_renew() {
    if [[ $__dctx_now == "$__dctx_seen" ]] && builtin test "$__dctx_text" = "$__dctx_env" && __dctx_good; then
        return 0
    fi
    __dctx_flag
    if __dctx_quick || { [[ -n ${__dctx_k_seen[*]-} ]] && __dctx_recall; }; then
        __dctx_seen=$__dctx_now __dctx_env=$__dctx_text
    else
        __dctx_ask prompt || [[ $? != 125 ]] || __dctx_lost
    fi
}

# The core gave no answer, so nobody knows what the next command would use.
__dctx_lost() {
    __dctx_seen=$__dctx_now __dctx_env=$__dctx_text __dctx_stamp='' __dctx_none='' __dctx_until='' __dctx_asked=$SECONDS
    case $__dctx_flags:${__dctx_n_profile-} in
    x*:?*) __dctx_show 2 '' '?' unknown '(?) ' ;;
    *) __dctx_show 4 '' '?' unknown '(?) ' ;;
    esac
}

# The quick road: show what the next `dokploy` uses, in the states that people live in. It copies finished fields and
# decides nothing: status 1 means that only the core can tell.
__dctx_quick() {
    local us=$__dctx_us level=2 own='' file host IFS=$__dctx_us
    local $__dctx_l_current
    case $__dctx_flags in
    x,x,x,,x,,*) # a session that nobody touched
        [[ -n $__dctx_n_profile && $__dctx_n_session == "$__dctx_n_profile$us$__dctx_n_url$us$__dctx_n_key" ]] || return
        file=$__dctx_n_profile own=1
        ;;
    x,,,,,,*) file=${__dctx_n_profile-} ;; # DOKPLOY_PROFILE alone
    ,,,,,,*) file= ;;
    ,x,x,,,,* | ,x,x,x,,,* | ,x,x,,x,,* | ,x,x,x,x,,*)
        # Beside a session of ours that lost its profile the pair may be ours; without the wrapper it decides.
        [[ -z ${__dctx_n_session-} || -n $__dctx_gone ]] || return
        case $__dctx_n_url in
        http://* | https://*) host=${__dctx_n_url#*://} ;;
        *) return 1 ;;
        esac
        host=env:${host%%/*}
        case $host in env: | *[!"$__dctx_letters".:-]*) return 1 ;; esac
        [[ -n $__dctx_n_key && ${#host} -le $__dctx_shown_max ]] || return
        __dctx_none=2 __dctx_stamp='' __dctx_until=
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
    [[ -r $__dctx_idx/$file ]] || return
    builtin read -r $__dctx_l_current <"$__dctx_idx/$file"
    [[ $__dctx_r_format == "$__dctx_format" ]] || return
    case $level$__dctx_r_current_state in
    2)
        [[ $__dctx_r_name == "$file" ]] || return
        [[ -z $own ]] || [[ $__dctx_r_url == "$__dctx_n_url" &&
            $__dctx_r_session_key == "$__dctx_n_key" && ${DCTX_EXPORT_KEY-} != 0 &&
            $__dctx_r_org == "${__dctx_n_org-}" && $__dctx_r_org_id == "${__dctx_n_org_id-}" ]] || return
        ;;
    4ok) ;;
    4none | 4unset) level=5 ;;
    *) return 1 ;;
    esac
    [[ -z $__dctx_r_due ]] || ! __dctx_past "$__dctx_r_due" "$__dctx_r_name" || return
    __dctx_until=$__dctx_r_due
    __dctx_show "$level" "$__dctx_r_name" "$__dctx_r_segment" "$__dctx_r_state" "$__dctx_r_shown"
}

# The prompt's text in the colour of its state, in __dctx_ps1. \[ \] are decoded before a variable is expanded, hence
# \001 \002; without a line editor nobody takes those away.
__dctx_paint() {
    local colour=
    # A field that is no plain word is never a part of a variable's name: a subscript in it would be run.
    case $__dctx_state in
    '' | *[!"$__dctx_letters"]*) ;;
    *)
        colour=__dctx_colour_$__dctx_state
        colour=${!colour-}
        ;;
    esac
    __dctx_ps1=$__dctx_shown
    if [[ -n $colour && -z ${NO_COLOR-} && -n ${TERM-} && $TERM != dumb ]]; then
        if [[ -o emacs || -o vi ]]; then
            __dctx_ps1=$'\001\e['$colour$'m\002'${__dctx_shown% }$'\001\e[0m\002 '
        else
            __dctx_ps1=$'\e['$colour$'m'${__dctx_shown% }$'\e[0m '
        fi
    fi
}

# Keep the wrapper's folder first on PATH, whoever put another one there since; and off PATH where it is gone.
__dctx_path() {
    local path=:$PATH:
    while [[ $path == *:"$__dctx_shims":* ]]; do path=${path/":$__dctx_shims:"/:}; done
    path=${path#:}
    path=${path%:}
    if [[ -x $__dctx_shims/dokploy ]]; then path=$__dctx_shims:$path __dctx_gone=; else __dctx_gone=1; fi
    [[ $path == "$PATH" ]] || ! __dctx_writable PATH || PATH=$path # bash then forgets where commands were
}

# The prompt holds a reference, never the text: `$(id)` in an organization's name is then just text. Each prompt that
# is drawn uses up __dctx_ran, which __dctx_prompt sets: a prompt that is drawn without it, since somebody assigned
# PROMPT_COMMAND anew, shows element 1, "?", and no segment that may be old.
# shellcheck disable=SC2016
__dctx_reference='${__dctx_ps1[__dctx_ran?(__dctx_ran=0):1]-}'

# Put the reference into PS1, and __dctx_prompt into PROMPT_COMMAND; or out of PS1 where the user says DCTX_PROMPT=0.
__dctx_hang() {
    local lead='' rest=${PS1-} bare
    # starship makes PS1 anew, from DCTX_SEGMENT: it runs this text just before.
    if [[ -n ${STARSHIP_SHELL-} && ${STARSHIP_PROMPT_COMMAND-} != *__dctx_prompt* ]] &&
        declare -F starship_precmd >/dev/null; then
        STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND$__dctx_nl}__dctx_prompt
        starship_precmd
        rest=${PS1-}
    fi
    if [[ " ${PROMPT_COMMAND[*]-} " != *__dctx_prompt* ]] && __dctx_writable PROMPT_COMMAND; then __dctx_hook; fi
    if [[ ${DCTX_PROMPT-} == 0 ]]; then
        [[ $rest != *"$__dctx_reference"* ]] || ! __dctx_writable PS1 || PS1=${rest//"$__dctx_reference"/}
    elif [[ $rest != *"$__dctx_reference"* ]] && builtin shopt -q promptvars && __dctx_writable PS1; then
        # Behind empty lines; and behind the first line of a frame, whose lines would no longer meet.
        while [[ $rest == $'\n'* || $rest == '\n'* ]]; do
            case $rest in $'\n'*) lead+=$'\n' rest=${rest#?} ;; *) lead+='\n' rest=${rest#??} ;; esac
        done
        bare=$rest
        while [[ $bare == '\['*'\]'* ]]; do bare=${bare#*'\]'}; done
        case $bare in
        ┌* | ╭* | ╔* | ┏*)
            bare=${rest%%'\n'*}
            bare=${bare%%$'\n'*}
            [[ $bare == "$rest" ]] || lead+=$bare rest=${rest#"$bare"}
            ;;
        esac
        PS1=$lead$__dctx_reference$rest
    fi
}

# Append __dctx_prompt to PROMPT_COMMAND: direnv and mise put theirs first, and ours must see what they set. As an
# element of its own where bash knows lists (5.1): starship and others replace the first one. Before that it is one
# text, which a child without the hook may inherit: there the expansion leaves no word.
__dctx_hook() {
    if [[ $__dctx_bash -ge 501 ]]; then
        PROMPT_COMMAND=${PROMPT_COMMAND-}
        PROMPT_COMMAND+=(__dctx_prompt)
    else
        # shellcheck disable=SC2128,SC2178  # a text, before 5.1
        while [[ ${PROMPT_COMMAND-} == *[$'; \t\n'] ]]; do PROMPT_COMMAND=${PROMPT_COMMAND%?}; done
        # shellcheck disable=SC2016,SC2128,SC2178
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND; }'${__dctx_bash:+"__dctx_prompt"}'
    fi
}

# The command comes with the first `dctx`. Without that file the core does what it can: it says what is missing.
dctx() {
    if __dctx_load session; then
        dctx "$@"
    elif [[ -x $__dctx_bin ]]; then
        "$__dctx_bin" "$@"
    else
        return 1
    fi
}

# Tab comes with the rest of the hook, at the first Tab.
__dctx_complete() { __dctx_at_tab __dctx_tab "$@"; }
__dctx_dokploy() { __dctx_at_tab __dctx_tab_dokploy "$@"; }
__dctx_at_tab() {
    local rc=0
    case $- in *x*) { set +x && __dctx_calmed=x$__dctx_calmed; } 2>/dev/null ;; esac
    # shellcheck disable=SC2195  # under nocasematch A is a
    case $-:A in *[auvTE]*:* | *:a) __dctx_calm ;; esac
    ! __dctx_load tab || "$@" || rc=$?
    [[ -z $__dctx_calmed ]] || __dctx_restore
    return "$rc"
}

# Complete dokploy by __dctx_dokploy, which passes on to a function that does so already. What that is called only
# `complete -p` tells: a process, the first time, for those who have one.
__dctx_wrap() {
    local spec
    [[ -z ${__dctx_inner+x} ]] || return 0
    if ! complete -p dokploy >/dev/null 2>&1; then
        __dctx_inner=
        complete -o bashdefault -o default -F __dctx_dokploy dokploy
    else
        spec=$(complete -p dokploy)
        [[ $spec == *' -F '* ]] || return 0
        __dctx_inner=${spec##* -F }
        __dctx_inner=${__dctx_inner%% *}
        command eval "${spec/ -F $__dctx_inner / -F __dctx_dokploy }"
    fi
}

__dctx_ran=1 __dctx_ps1=('' '(?) ')
case $- in
*i*)
    complete -F __dctx_complete dctx
    __dctx_wrap
    __dctx_hang
    ;;
esac
__dctx_path
