# core.bash: what core.sh wants of bash, 3.2 and newer. Besides what core.sh lists the hook remembers in bash:
#   __dctx_ps1                 the prompt's text in its colour; element 1 is shown where nobody looked before a prompt
#   __dctx_calmed              the user's options that are off while the hook works
# shellcheck shell=bash disable=SC2154,SC2034,SC2086,SC2229,SC2015

__dctx_shell=bash __dctx_calmed='' __dctx_env_max=$__dctx_dotenv_max
__dctx_bash=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
# bash 3.2 compares whole seconds, and needs a third of a second to read 1 MiB.
[[ $__dctx_bash -ge 400 ]] || __dctx_clock=coarse __dctx_env_max=$((__dctx_dotenv_max / 16))

# Take the fingerprint, in __dctx_now and __dctx_flags: for each variable that decides, whether a child sees it, and its
# value. Status 0: it is that of what is shown. __dctx_free: all variables of a session can be changed, and are plain
# texts.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_look() {
        __dctx_flags=$__dctx_k_watched
        __dctx_now=$__dctx_flags$__dctx_gone$__dctx_us$__dctx_v_compared$__dctx_us$__dctx_v_too$__dctx_us$__dctx_v_last
        [[ $__dctx_now == "$__dctx_seen" ]]
    }
    __dctx_free() { [[ $__dctx_d_changed != *[!x]* ]]; }
else
    # Before 4.4 only compgen tells, without a process, whether a variable is exported: 10 µs a name. In a session that
    # nobody touched it tells of DOKPLOY_PROFILE alone, which is what the wrapper goes by. Quoted text is slow in this
    # bash, and so are patterns: < and > compare bytes.
    __dctx_look() {
        __dctx_now=$__dctx_v_compared
        if [[ -n ${__dctx_n_session-} && -z ${__dctx_n_token+x}${__dctx_n_broker+x}${DOKPLOY_CONFIG_DIR+x} &&
            ! $__dctx_n_session < $__dctx_now && ! $__dctx_n_session > $__dctx_now ]]; then
            __dctx_flags=,x,x,,x,,,
            ! compgen -A export -X '!__dctx_n_profile' -- __dctx_n_profile >/dev/null || __dctx_flags=x$__dctx_flags
        elif [[ -z $__dctx_x_watched ]]; then
            __dctx_flags=,,,,,,,
        else
            __dctx_now+=$__dctx_us$__dctx_v_too
            __dctx_look_closely
        fi
        __dctx_now=$__dctx_flags$__dctx_gone$__dctx_us$__dctx_now$__dctx_us$__dctx_v_last
        [[ ! $__dctx_now < $__dctx_seen && ! $__dctx_now > $__dctx_seen ]]
    }
    __dctx_look_closely() {
        local name
        __dctx_flags=
        for name in $__dctx_l_watched; do
            [[ -z ${!name+x} ]] || ! compgen -A export -X "!$name" -- "$name" || __dctx_flags+=x
            __dctx_flags+=,
        done >/dev/null
    }
    __dctx_free() { local $__dctx_l_changed 2>/dev/null; }
fi

# The text of `.env` in __dctx_text where it may decide: where it says DOKPLOY_, has a NUL or is too long to be read
# whole. Else "". Only a regular file is read: a FIFO would hang the prompt.
__dctx_dotenv() {
    local LC_ALL=C whole=1 # single bytes are four times as quick
    __dctx_text=
    [[ -f .env && -r .env ]] || return 0
    IFS='' builtin read -r -d '' -n "$__dctx_env_max" __dctx_text <.env && whole=
    case $whole:$__dctx_text in 1:*DOKPLOY_*) ;; 1:*) __dctx_text= ;; *) __dctx_text=:$__dctx_text ;; esac
}

# Status 0: the time $1 has come. It is compared as digits only, since arithmetic would run what else stands there.
# bash before 4.2 has no clock: there its terminal's own time is compared with a file of the index for the profile $2.
__dctx_past() {
    local now
    case $1 in '' | *[!0123456789]* | ?????????????*) return 0 ;; esac
    if [[ $__dctx_bash -lt 402 ]]; then
        [[ ! -e $__dctx_idx/.due.$2 || /dev/fd/0 -nt $__dctx_idx/.due.$2 ]]
    else
        printf -v now '%(%s)T' -1
        ((now >= 10#$1))
    fi
}

# Status 0: the variable $1 can be assigned. `local` of a readonly one fails, and changes nothing.
__dctx_writable() {
    # shellcheck disable=SC2163  # the variable that is named
    local "$1" 2>/dev/null
}

# shellcheck disable=SC1090
__dctx_source() { source "$1"; }

# Options of the user's that would print our lines (x, v), show evaluated text to a DEBUG trap (T), let an ERR trap hear
# of us (E), end us at an unset variable (u), export our variables (a) or take equal names for one (nocasematch) are off
# while the hook works. After a Ctrl-C the next prompt puts them back.
__dctx_calm() {
    local was="$-"
    set +xauvTE
    __dctx_calmed+=$was
    # shellcheck disable=SC2050  # under nocasematch A is a
    [[ A != a ]] || { shopt -u nocasematch && __dctx_calmed+=:; }
}
__dctx_restore() {
    local was="$__dctx_calmed" option
    __dctx_calmed=
    [[ $was != *:* ]] || shopt -s nocasematch
    for option in E T u a v x; do [[ $was != *$option* ]] || set "-$option"; done
}
