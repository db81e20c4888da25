# core.zsh: what core.sh wants of zsh. Loaded under zsh emulation, so that no function sees the user's options.

zmodload zsh/datetime
__dctx_shell=zsh

# Take the fingerprint, in __dctx_now and __dctx_flags: for each variable that decides, whether a child sees it, and its
# value. Status 0: it is that of what is shown.
__dctx_look() {
    __dctx_flags=$__dctx_k_watched
    __dctx_flags=${${__dctx_flags//scalar-export/x}//scalar/}
    __dctx_now=$__dctx_flags$__dctx_gone$__dctx_us$__dctx_v_compared$__dctx_us$__dctx_v_too$__dctx_us$__dctx_v_last
    [[ $__dctx_now == "$__dctx_seen" ]]
}

# Status 0: all variables of a session can be changed, each is a plain text. (A failing `unset` would end a script.)
__dctx_free() {
    __dctx_kinds=$__dctx_d_changed
    [[ -z ${${__dctx_kinds//scalar/}//-export/} ]]
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

# Status 0: the time $1 has come. It is compared as digits only, since arithmetic would run what else stands there.
__dctx_past() {
    [[ $1 == <-> && $#1 -lt 13 ]] || return 0
    (( EPOCHSECONDS >= 10#$1 ))
}

# Status 0: the variable $1 can be assigned.
__dctx_writable() { [[ ${(Pt)1} != *readonly* ]] }

__dctx_source() { emulate zsh -o no_aliases -c 'builtin . $1' }
