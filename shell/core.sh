# core.sh: what the hooks of bash and zsh remember, how they read the index, and how they ask the core.
#
# core.sh, prompt.sh, session.sh and ask.sh are for both shells; NAME.bash and NAME.zsh have what only one can do. What
# scripts.py writes into them: a variable's name for `__dctx_n_ROLE`; the words of a list for `$__dctx_l_LIST`, and for
# its variables their values ($__dctx_v_LIST), what each is that is set ($__dctx_k_LIST) or declared ($__dctx_d_LIST),
# and an x for each that is set ($__dctx_x_LIST); the field's place in the array __dctx_r, a record, for
# `$__dctx_r_FIELD`; `builtin` before each built-in, since a user's function may have its name; and in zsh small
# functions, where they are called. All other constants are variables of the header.
#
# What a hook remembers:
#   __dctx_now, __dctx_flags   fingerprint of this moment (__dctx_look); an "x" for each of seven that a child sees
#   __dctx_text                the text of `.env` where it may decide (__dctx_dotenv)
#   __dctx_seen, __dctx_env    the fingerprint and the text that the segment belongs to
#   __dctx_cfg, __dctx_idx     config.json and the folder of the index that were read for it
#   __dctx_stamp               a file as old as config.json, as long as the index is of that config.json; "": no index
#   __dctx_none                1: there was no config.json, so nothing changes until there is one; 2: it does not matter
#   __dctx_asked               SECONDS at which the core gave an answer that is good for __dctx_retry seconds
#   __dctx_until, __dctx_name  the time (seconds since 1970) at which the segment changes by itself; its profile
#   __dctx_folder              the DOKPLOY_CONFIG_DIR that the core allowed
#   __dctx_kept                the core's last answers, by fingerprint
#   __dctx_shown, __dctx_state the prompt's text and its state
#   __dctx_prev, __dctx_said   the previous profile; the last line that a prompt printed, 4: a command said it
#   __dctx_gone                1: the `dokploy` wrapper is missing, so no command sees a profile
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229,SC2015  # the header's constants; lists are split

__dctx_prev=${__dctx_prev-} __dctx_folder=${__dctx_folder-} # the hook may be loaded again
# They hold keys: what is unset first is not exported, even if the user exported the name.
unset __dctx_now __dctx_seen __dctx_env __dctx_text __dctx_kept
__dctx_now='' __dctx_seen='' __dctx_env='' __dctx_text='' __dctx_kept=()
__dctx_flags='' __dctx_cfg='' __dctx_idx='' __dctx_stamp='' __dctx_none='' __dctx_asked='' __dctx_until=''
__dctx_name='' __dctx_shown='' __dctx_state='' __dctx_said='' __dctx_gone='' __dctx_loaded='' __dctx_clock=stamp

# Status 0: the index of __dctx_cfg is of that config.json. The link tells one that was replaced by one of the same age.
# Shells differ in what they say of the age of a missing file, hence -e.
__dctx_fresh() {
    [[ $__dctx_cfg -ef $__dctx_idx/.config || (! -e $__dctx_idx/.config && -e $__dctx_cfg) ]] &&
        [[ -e $__dctx_stamp && ! $__dctx_cfg -nt $__dctx_stamp && ! $__dctx_cfg -ot $__dctx_stamp ]]
}

# Find config.json and its index, for a quick road. Status 1: only the core can say which. 2: it has to compile it.
__dctx_ready() {
    local dir="${HOME-}/.dokploy" gen=''
    __dctx_none=
    if [[ $__dctx_flags == *x, && -n ${DOKPLOY_CONFIG_DIR-} ]]; then
        dir=$DOKPLOY_CONFIG_DIR
        [[ $dir == "$__dctx_folder" ]] || return 1
    elif [[ $dir != /* ]] || [[ ! -e $dir && -f $HOME ]]; then
        return 1
    elif [[ -e $dir ]] && [[ ! -O $dir || ! -d $dir || ! -x $dir ]]; then
        return 1
    fi
    if [[ $__dctx_idx == "$dir/index" ]] && __dctx_fresh; then return 0; fi
    __dctx_cfg=$dir/config.json __dctx_idx=$dir/index __dctx_stamp='' __dctx_seen=
    if [[ ! -e $__dctx_cfg && ! -L $__dctx_cfg ]]; then
        __dctx_none=1
        return 1
    fi
    [[ ! -r $__dctx_idx/.gen ]] || IFS='' builtin read -r gen <"$__dctx_idx/.gen"
    __dctx_stamp=$__dctx_idx/.$__dctx_clock.$gen
    __dctx_fresh || return 2
}

# Read the record of $file into __dctx_r, which the caller has made local. Status 1: only the core can tell.
__dctx_read() {
    [[ -r $__dctx_idx/$file ]] && IFS=$__dctx_us builtin read -r -a __dctx_r <"$__dctx_idx/$file" &&
        [[ $__dctx_r_format == "$__dctx_format" ]] &&
        { [[ -z $__dctx_r_due ]] || ! __dctx_past "$__dctx_r_due" "$__dctx_r_name"; }
}

# Status 0: what is remembered of the index is still good.
__dctx_good() {
    local now="${SECONDS%.*}"
    if [[ -n $__dctx_stamp ]]; then
        __dctx_fresh || return
    elif [[ $__dctx_none == 1 ]]; then
        [[ ! -e $__dctx_cfg && ! -L $__dctx_cfg ]] || return
    elif [[ $__dctx_none != 2 ]]; then
        # Arithmetic would run what else stands there.
        [[ -n $now && -n $__dctx_asked && $now$__dctx_asked != *[!0123456789]* && ${#now} -lt 10 ]] || return
        ((10#$now >= 10#$__dctx_asked && 10#$now - 10#$__dctx_asked < __dctx_retry)) || return
    fi
    [[ -z $__dctx_until ]] || ! __dctx_past "$__dctx_until" "$__dctx_name"
}

# Show level $1, profile $2, segment $3, state $4, and $5 in the prompt. "$$:" tells the wrapper which default stands in
# the prompt above the cursor.
__dctx_show() {
    if [[ $1 -gt 3 ]]; then export __dctx_n_shown="$$:$2"; else unset __dctx_n_shown; fi
    export __dctx_n_segment="$3" __dctx_n_state="$4"
    [[ -n $3 ]] || unset __dctx_n_segment __dctx_n_state
    __dctx_name=$2 __dctx_state=$4 __dctx_shown=$5
    __dctx_paint
}

# Load a further piece of the hook (session, ask, tab), once. After an upgrade since this terminal began, the first
# piece again before it. Status 1: the file is gone, which is said once, and each time for $2.
__dctx_load() {
    [[ $__dctx_loaded != *" $1 "* ]] || return 0
    local file="$__dctx_files/$1.$__dctx_shell" build=''
    if [[ ! -r $file ]]; then
        if [[ -n ${2-} ]] || [[ $__dctx_said != "$file" && -z $__dctx_gone ]]; then
            # shellcheck disable=SC2059  # the sentence is ours
            printf "$__dctx_m_no_file\n" "$file" >&2
        fi
        __dctx_said=$file
        return 1
    fi
    IFS='' builtin read -r build <"$file"
    # shellcheck disable=SC1090
    [[ $build == "# $__dctx_build" || ! -r $__dctx_files/hook.$__dctx_shell ]] ||
        source "$__dctx_files/hook.$__dctx_shell"
    __dctx_source "$file"
    __dctx_loaded+=" $1 "
}
