# core.bash: what the bash hook remembers, how it reads the index, and what it asks the core. For bash 3.2 and newer.
#
# `$__dctx_l_LIST` stands for a list of words and `__dctx_n_ROLE` for a variable's name: scripts.py writes the words and
# the name themselves. All other constants are variables of the header.
#
# What the hook remembers:
#   __dctx_seen, __dctx_env    fingerprint (__dctx_look) and text of `.env` (__dctx_dotenv) that the segment belongs to
#   __dctx_cfg, __dctx_idx     config.json and the folder of the index that were read for it
#   __dctx_stamp               a file as old as config.json, as long as the index is of that config.json; "": no index
#   __dctx_none                1: there was no config.json, so nothing changes until there is one
#   __dctx_asked               SECONDS at which the core gave an answer that is good for __dctx_retry seconds
#   __dctx_until, __dctx_name  the time (seconds since 1970) at which the segment changes by itself; its profile
#   __dctx_folder              the DOKPLOY_CONFIG_DIR that the core allowed
#   __dctx_k_*                 the core's last answers, by fingerprint
#   __dctx_shown, __dctx_state the prompt's text and its state; __dctx_ps1 is that text in its colour
#   __dctx_prev, __dctx_said   the previous profile; the last line that a prompt printed
#   __dctx_gone                1: the `dokploy` wrapper is missing, so no command sees a profile
#   __dctx_calmed              the user's options that are off while the hook works
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229  # the header's constants; lists are split

__dctx_bash=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
__dctx_prev=${__dctx_prev-} __dctx_folder=${__dctx_folder-} # the hook may be loaded again
__dctx_seen='' __dctx_env='' __dctx_cfg='' __dctx_idx='' __dctx_stamp='' __dctx_none='' __dctx_asked='' __dctx_until=''
__dctx_name='' __dctx_shown='' __dctx_state='' __dctx_said='' __dctx_gone='' __dctx_calmed='' __dctx_loaded=
__dctx_k_seen=() __dctx_k_at=0
# bash 3.2 compares whole seconds, and needs a third of a second to read 1 MiB.
__dctx_clock=stamp __dctx_env_max=$__dctx_dotenv_max
if [[ $__dctx_bash -lt 400 ]]; then __dctx_clock=coarse __dctx_env_max=$((__dctx_dotenv_max / 16)); fi

# __dctx_look leaves the fingerprint in __dctx_now: for each variable that decides, whether it is set, whether it is
# exported ("x=") and its value. __dctx_flag leaves in __dctx_flags an "x" for each of seven that a child sees.
# Fingerprints hold keys: they are never exported, even if the user exported their names.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_look() {
        local us=$__dctx_us
        __dctx_now=${__dctx_n_profile+${__dctx_n_profile@a}=$__dctx_n_profile}
        __dctx_now+=$us${__dctx_n_url+${__dctx_n_url@a}=$__dctx_n_url}
        __dctx_now+=$us${__dctx_n_key+${__dctx_n_key@a}=$__dctx_n_key}
        __dctx_now+=$us${__dctx_n_token+${__dctx_n_token@a}=$__dctx_n_token}
        __dctx_now+=$us${__dctx_n_session+${__dctx_n_session@a}=$__dctx_n_session}
        __dctx_now+=$us${__dctx_n_broker+${__dctx_n_broker@a}}
        __dctx_now+=$us${DOKPLOY_CONFIG_DIR+${DOKPLOY_CONFIG_DIR@a}=$DOKPLOY_CONFIG_DIR}$us${HOME-}$us${NO_COLOR-}
        __dctx_now+=$us${TERM-}$us${DCTX_EXPORT_KEY-}$us${__dctx_n_org-}$us${__dctx_n_org_id-}$us$__dctx_gone
    }
    __dctx_flag() {
        __dctx_flags=${__dctx_n_profile+${__dctx_n_profile@a}},${__dctx_n_url+${__dctx_n_url@a}}
        __dctx_flags+=,${__dctx_n_key+${__dctx_n_key@a}},${__dctx_n_token+${__dctx_n_token@a}}
        __dctx_flags+=,${__dctx_n_session+${__dctx_n_session@a}},${__dctx_n_broker+${__dctx_n_broker@a}}
        __dctx_flags+=,${DOKPLOY_CONFIG_DIR+${DOKPLOY_CONFIG_DIR@a}},
    }
else
    # Before 4.4 only compgen tells, without a process, whether a variable is exported: 10 µs a name. So the usual cases
    # come first; a session that nobody touched is asked for DOKPLOY_PROFILE alone, which is what the wrapper goes by.
    __dctx_look() {
        local us=$__dctx_us name x=
        if [[ -z ${__dctx_n_profile+x}${__dctx_n_url+x}${__dctx_n_key+x}${__dctx_n_token+x}${__dctx_n_session+x} &&
            -z ${__dctx_n_broker+x}${DOKPLOY_CONFIG_DIR+x} ]]; then
            __dctx_now=$us$us$us$us$us$us$us __dctx_flags=,,,,,,,
        elif [[ -n ${__dctx_n_session-} && -z ${__dctx_n_token+x}${__dctx_n_broker+x}${DOKPLOY_CONFIG_DIR+x} &&
            $__dctx_n_session == "${__dctx_n_profile-}$us${__dctx_n_url-}$us${__dctx_n_key-}" ]]; then
            builtin compgen -A export -X '!__dctx_n_profile' -- __dctx_n_profile >/dev/null && x=x
            __dctx_now=$x=${__dctx_n_profile-}${us}x=${__dctx_n_url-}${us}x=${__dctx_n_key-}
            __dctx_now+=$us${us}x=$__dctx_n_session$us$us$us
            __dctx_flags=$x,x,x,,x,,,
        else
            __dctx_now='' __dctx_flags=
            for name in __dctx_n_profile __dctx_n_url __dctx_n_key __dctx_n_token __dctx_n_session __dctx_n_broker \
                DOKPLOY_CONFIG_DIR; do
                if [[ -n ${!name+x} ]]; then
                    if builtin compgen -A export -X "!$name" -- "$name"; then __dctx_now+=x __dctx_flags+=x; fi
                    __dctx_now+="=${!name}"
                fi
                __dctx_now+=$us __dctx_flags+=,
            done >/dev/null
        fi
        __dctx_now+=${HOME-}$us${NO_COLOR-}$us${TERM-}$us${DCTX_EXPORT_KEY-}$us${__dctx_n_org-}$us${__dctx_n_org_id-}
        __dctx_now+=$us$__dctx_gone
    }
    __dctx_flag() { :; }
fi

# The text of `.env` in __dctx_text where it may decide: where it says DOKPLOY_, has a NUL or is too long to be read
# whole. Else "". Only a regular file is read: a FIFO would hang the prompt.
__dctx_dotenv() {
    local LC_ALL=C whole=1 # single bytes are four times as quick
    __dctx_text=
    [[ -f .env && -r .env ]] || return 0
    IFS= builtin read -r -d '' -n "$__dctx_env_max" __dctx_text <.env && whole=
    case $whole:$__dctx_text in 1:*DOKPLOY_*) ;; 1:*) __dctx_text= ;; *) __dctx_text=:$__dctx_text ;; esac
}

# Status 0: the index of __dctx_cfg is of that config.json. A missing file is older and newer than any other for bash,
# so its existence is asked for first. The link tells a config.json that was replaced by one of the same age.
__dctx_fresh() {
    [[ -e $__dctx_stamp && ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        (! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config) ]]
}

# Find config.json and its index, for a quick road. Status 1: only the core can say which. 2: it has to compile it.
__dctx_ready() {
    local dir=${HOME-}/.dokploy gen=
    __dctx_none=
    if [[ $__dctx_flags == *x, && -n $DOKPLOY_CONFIG_DIR ]]; then
        dir=$DOKPLOY_CONFIG_DIR
        [[ $dir == "$__dctx_folder" ]] || return 1
    elif [[ $dir != /* || -e $dir && ! (-O $dir && -d $dir && -x $dir) || ! -e $dir && -f $HOME ]]; then
        return 1
    fi
    if [[ $__dctx_idx == "$dir/index" ]]; then ! __dctx_fresh || return 0; fi
    __dctx_cfg=$dir/config.json __dctx_idx=$dir/index __dctx_stamp='' __dctx_seen=
    if ! [[ -e $__dctx_cfg || -L $__dctx_cfg ]]; then
        __dctx_none=1
        return 1
    fi
    [[ -r $__dctx_idx/.gen ]] && IFS= builtin read -r gen <"$__dctx_idx/.gen"
    __dctx_stamp=$__dctx_idx/.$__dctx_clock.$gen
    __dctx_fresh || return 2
}

# Status 0: the time $1 has come. It is compared as digits only, since arithmetic would run what else stands there.
# bash before 4.2 has no clock: there its terminal's own time is compared with a file of the index for the profile $2.
__dctx_past() {
    local now
    case $1 in '' | *[!0123456789]* | ?????????????*) return 0 ;; esac
    if [[ $__dctx_bash -lt 402 ]]; then
        [[ ! -e $__dctx_idx/.due.$2 || /dev/fd/0 -nt $__dctx_idx/.due.$2 ]]
    else
        builtin printf -v now '%(%s)T' -1
        ((now >= 10#$1))
    fi
}

# Status 0: what is remembered of the index is still good.
__dctx_good() {
    if [[ -n $__dctx_stamp ]]; then
        __dctx_fresh || return
    elif [[ -n $__dctx_none ]]; then
        [[ ! -e $__dctx_cfg && ! -L $__dctx_cfg ]] || return
    else
        case $SECONDS in '' | *[!0123456789]* | ??????????*) return 1 ;; esac
        ((SECONDS >= __dctx_asked && SECONDS - __dctx_asked < __dctx_retry)) || return
    fi
    [[ -z $__dctx_until ]] || ! __dctx_past "$__dctx_until" "$__dctx_name"
}

# Show level $1, profile $2, segment $3, state $4, and $5 in the prompt. "$$:" tells the wrapper which default stands in
# the prompt above the cursor.
__dctx_show() {
    case $1 in
    [45]) builtin export __dctx_n_shown="$$:$2" ;;
    *) builtin unset __dctx_n_shown ;;
    esac
    if [[ -n $3 ]]; then
        builtin export __dctx_n_segment="$3" __dctx_n_state="$4"
    else
        builtin unset __dctx_n_segment __dctx_n_state
    fi
    __dctx_name=$2 __dctx_state=$4 __dctx_shown=$5
    __dctx_paint
}

# Status 0: the variable $1 can be assigned. `local` of a readonly one fails, and changes nothing.
__dctx_writable() {
    # shellcheck disable=SC2163  # the variable that is named
    local "$1" 2>/dev/null
}

# Options of the user's that would print our lines (x, v), show evaluated text to a DEBUG trap (T), let an ERR trap hear
# of us (E), end us at an unset variable (u), export our variables (a) or take equal names for one (nocasematch) are off
# while the hook works. After a Ctrl-C the next prompt puts them back. x is turned off by the callers, silently.
__dctx_calm() {
    local option
    for option in a u v T E; do
        case $- in *$option*) set "+$option" && __dctx_calmed=$option$__dctx_calmed ;; esac
    done
    # shellcheck disable=SC2050  # under nocasematch A is a
    [[ A != a ]] || { builtin shopt -u nocasematch && __dctx_calmed=n$__dctx_calmed; }
}
__dctx_restore() {
    local was=$__dctx_calmed option
    __dctx_calmed=
    case $was in *n*) builtin shopt -s nocasematch ;; esac
    for option in E T u a v x; do
        case $was in *$option*) set "-$option" ;; esac
    done
}

# Status 0: all variables of a session can be changed, and none is a list.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_free() {
        [[ ${__dctx_n_profile@a}${__dctx_n_url@a}${__dctx_n_key@a}${__dctx_n_token@a} != *[!x]* &&
            ${__dctx_n_org@a}${__dctx_n_org_id@a}${__dctx_n_session@a} != *[!x]* ]]
    }
else
    __dctx_free() { local $__dctx_l_owned __dctx_n_session 2>/dev/null; }
fi

# Load a further piece of the hook (session, ask, tab), once. After an upgrade since this terminal began, the first
# piece again before it. Status 1: the file is gone, which is said once, and to whoever types `dctx`.
__dctx_load() {
    local folder=${__dctx_shims%/*} file=${__dctx_shims%/*}/$1.bash build=''
    [[ $__dctx_loaded != *" $1 "* ]] || return 0
    if ! [[ -r $file ]]; then
        # shellcheck disable=SC2059  # the sentence is ours
        [[ ${FUNCNAME[1]-} != dctx && ($__dctx_said == "$file" || -n $__dctx_gone) ]] ||
            builtin printf "$__dctx_m_no_file\n" "$file" >&2
        __dctx_said=$file
        return 1
    fi
    IFS= builtin read -r build <"$file"
    [[ $build == "# $__dctx_build" || ! -r $folder/hook.bash ]] || builtin source "$folder/hook.bash"
    builtin source "$file"
    __dctx_loaded+=" $1 "
}

# Ask the core what $1 (prompt, switch, …) does here, and do it. Status: what `dctx` returns; 125: there is no answer.
__dctx_ask() {
    __dctx_load ask || return 125
    __dctx_question "$@"
}

builtin export -n __dctx_now __dctx_seen __dctx_env __dctx_text __dctx_k_seen __dctx_k_env __dctx_flags
