# core.zsh: what the zsh hook remembers, how it reads the index, and what it asks the core.
#
# `$__dctx_l_LIST` stands for a list of words and `__dctx_n_ROLE` for a variable's name: scripts.py writes the words and
# the name themselves. All other constants are variables of the header. These files are loaded under zsh emulation, so
# that their functions do not see the user's options.
#
# What the hook remembers:
#   __dctx_seen, __dctx_env    fingerprint (__dctx_look) and text of `.env` (__dctx_dotenv) that the segment belongs to
#   __dctx_cfg, __dctx_idx     config.json and the folder of the index that were read for it
#   __dctx_stamp               a file as old as config.json, as long as the index is of that config.json; "": no index
#   __dctx_none                1: there was no config.json, so nothing changes until there is one; 2: it does not matter
#   __dctx_asked               SECONDS at which the core gave an answer that is good for __dctx_retry seconds
#   __dctx_until, __dctx_name  the time (seconds since 1970) at which the segment changes by itself; its profile
#   __dctx_folder              the DOKPLOY_CONFIG_DIR that the core allowed
#   __dctx_kept                the core's last answers, by fingerprint
#   __dctx_shown, __dctx_state the prompt's text and its state
#   __dctx_prev, __dctx_said   the previous profile; the last line that a prompt printed
#   __dctx_gone                1: the `dokploy` wrapper is missing, so no command sees a profile
#   __dctx_i_FIELD             the place of a field in a record

zmodload zsh/datetime
__dctx_prev=${__dctx_prev-} __dctx_folder=${__dctx_folder-} # the hook may be loaded again
__dctx_seen= __dctx_env= __dctx_text= __dctx_cfg= __dctx_idx= __dctx_stamp= __dctx_none= __dctx_asked= __dctx_until=
__dctx_name= __dctx_shown= __dctx_state= __dctx_said= __dctx_gone= __dctx_loaded= __dctx_clock=stamp
typeset -ga __dctx_kept
() {
    local -i at=0
    local name
    for name in $__dctx_l_current; do typeset -gi __dctx_i_${name#__dctx_r_}=$(( ++at )); done
}

# The fingerprint, in __dctx_now: for each variable that decides, what it is (set, exported) and its value. It holds
# keys, so it is never exported, even if the user exported its name.
typeset -g +x __dctx_now= __dctx_seen __dctx_env __dctx_text __dctx_kept
__dctx_look() {
    local us=$__dctx_us
    __dctx_now="${(t)__dctx_n_profile}=${__dctx_n_profile-}$us${(t)__dctx_n_url}=${__dctx_n_url-}$us${(t)__dctx_n_key}"
    __dctx_now+="=${__dctx_n_key-}$us${(t)__dctx_n_token}=${__dctx_n_token-}$us${(t)__dctx_n_session}"
    __dctx_now+="=${__dctx_n_session-}$us${(t)__dctx_n_broker}$us${(t)DOKPLOY_CONFIG_DIR}=${DOKPLOY_CONFIG_DIR-}"
    __dctx_now+="$us${HOME-}$us${NO_COLOR-}$us${TERM-}$us${DCTX_EXPORT_KEY-}$us${__dctx_n_org-}$us${__dctx_n_org_id-}"
    __dctx_now+=$us$__dctx_gone
}

# In __dctx_flags: an "x" for each of seven variables that a child sees. What is set but not exported is nothing.
__dctx_flag() {
    __dctx_flags=${(t)__dctx_n_profile},${(t)__dctx_n_url},${(t)__dctx_n_key},${(t)__dctx_n_token}
    __dctx_flags+=,${(t)__dctx_n_session},${(t)__dctx_n_broker},${(t)DOKPLOY_CONFIG_DIR},
    __dctx_flags=${${__dctx_flags//scalar-export/x}//scalar/}
}

# The text of `.env` in __dctx_text where it may decide: where it says DOKPLOY_ or is too long to be read whole. Else
# "". Only a regular file is read: a FIFO would hang the prompt.
__dctx_dotenv() {
    local count
    __dctx_text=
    [[ -f .env && -r .env ]] || return 0
    zmodload -F zsh/system b:sysread
    sysread -c count -s $__dctx_dotenv_max __dctx_text <.env || return 0
    if [[ $count == $__dctx_dotenv_max ]]; then
        __dctx_text=:$__dctx_text
    elif [[ $__dctx_text != *DOKPLOY_* ]]; then
        __dctx_text=
    fi
}

# Status 0: the index of __dctx_cfg is of that config.json. For zsh a missing file is neither older nor newer, hence -e.
# The link tells a config.json that was replaced by one of the same age.
__dctx_fresh() {
    [[ -e $__dctx_stamp && -e $__dctx_cfg && ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp &&
        ( ! -e $__dctx_idx/.config || $__dctx_cfg -ef $__dctx_idx/.config ) ]]
}

# Find config.json and its index, for a quick road. Status 1: only the core can say which, or has to compile it.
__dctx_ready() {
    local dir=${HOME-}/.dokploy gen=
    __dctx_none=
    if [[ $__dctx_flags == *x, && -n ${DOKPLOY_CONFIG_DIR-} ]]; then
        dir=$DOKPLOY_CONFIG_DIR
        [[ $dir == $__dctx_folder ]] || return 1
    elif [[ $dir != /* || ( -e $dir && ! ( -O $dir && -d $dir && -x $dir ) ) || ( ! -e $dir && -f $HOME ) ]]; then
        return 1
    fi
    if [[ $__dctx_idx == $dir/index ]]; then ! __dctx_fresh || return 0; fi
    __dctx_cfg=$dir/config.json __dctx_idx=$dir/index __dctx_stamp= __dctx_seen=
    if [[ ! -e $__dctx_cfg && ! -L $__dctx_cfg ]]; then
        __dctx_none=1
        return 1
    fi
    [[ ! -r $__dctx_idx/.gen ]] || gen=$(<$__dctx_idx/.gen) # no process in zsh
    __dctx_stamp=$__dctx_idx/.stamp.$gen
    __dctx_fresh
}

# Status 0: the time $1 has come. It is compared as digits only, since arithmetic would run what else stands there.
__dctx_past() {
    [[ $1 == <-> && $#1 -lt 13 ]] || return 0
    (( EPOCHSECONDS >= 10#$1 ))
}

# Status 0: what is remembered of the index is still good.
__dctx_good() {
    local now=${SECONDS%.*}
    if [[ -n $__dctx_stamp ]]; then
        __dctx_fresh || return
    elif [[ $__dctx_none == 1 ]]; then
        [[ ! -e $__dctx_cfg && ! -L $__dctx_cfg ]] || return
    elif [[ $__dctx_none != 2 ]]; then
        [[ $now == <-> && $__dctx_asked == <-> ]] || return
        (( now >= __dctx_asked && now - __dctx_asked < __dctx_retry )) || return
    fi
    [[ -z $__dctx_until ]] || ! __dctx_past $__dctx_until
}

# Show level $1, profile $2, segment $3, state $4, and $5 in the prompt. "$$:" tells the wrapper which default stands in
# the prompt above the cursor.
__dctx_show() {
    if [[ $1 == [45] ]]; then builtin export __dctx_n_shown=$$:$2; else builtin unset __dctx_n_shown; fi
    if [[ -n $3 ]]; then
        builtin export __dctx_n_segment=$3 __dctx_n_state=$4
    else
        builtin unset __dctx_n_segment __dctx_n_state
    fi
    __dctx_name=$2 __dctx_state=$4 __dctx_shown=$5
    __dctx_paint
}

# Status 0: no variable of a session is readonly or a list. (A failing `unset` would end a script.)
__dctx_free() {
    local kinds=${(t)__dctx_n_profile}${(t)__dctx_n_url}${(t)__dctx_n_key}${(t)__dctx_n_token}${(t)__dctx_n_org}
    kinds+=${(t)__dctx_n_org_id}${(t)__dctx_n_session}
    [[ -z ${${kinds//scalar/}//-export/} ]]
}

# Load a further piece of the hook (session, ask, tab), once. After an upgrade since this terminal began, the first
# piece again before it. Status 1: the file is gone, which is said once, and to whoever types `dctx`.
__dctx_load() {
    local folder=${__dctx_shims%/*} build=
    [[ $__dctx_loaded != *" $1 "* ]] || return 0
    if [[ ! -r $folder/$1.zsh ]]; then
        [[ ${funcstack[2]-} != dctx && ( $__dctx_said == $folder || -n $__dctx_gone ) ]] ||
            builtin printf "$__dctx_m_no_file\n" $folder/$1.zsh >&2
        __dctx_said=$folder
        return 1
    fi
    IFS= builtin read -r build <$folder/$1.zsh
    [[ $build == "# $__dctx_build" || ! -r $folder/hook.zsh ]] || . $folder/hook.zsh
    [[ $1 != ask ]] || builtin emulate sh -o no_aliases -c '. "$folder/ask.sh"'
    builtin emulate zsh -o no_aliases -c '. $folder/$1.zsh'
    __dctx_loaded+=" $1 "
}

# Ask the core what $1 (prompt, switch, …) does here, and do it. Status: what `dctx` returns; 125: there is no answer.
__dctx_ask() {
    __dctx_load ask || return 125
    __dctx_question "$@"
}
