# ask.bash: what ask.sh wants of bash.
# shellcheck shell=bash disable=SC2154,SC2034,SC2086

__dctx_dialect=bash

# Status 0: the variable $1 is exported. No list ever is.
if [[ $__dctx_bash -ge 404 ]]; then
    __dctx_exported() { [[ ${!1@a} == *x* && ${!1@a} != *[aA]* ]]; }
else
    __dctx_exported() { builtin compgen -A export -X "!$1" -- "$1" >/dev/null; }
fi

# Status 0: the variable $1 cannot be changed, or is a list.
__dctx_fixed() {
    ! __dctx_writable "$1" || [[ $__dctx_bash -ge 404 && ${!1@a} == *[aA]* ]]
}

# Status 0: this is a subshell, so that nothing in it reaches the terminal.
__dctx_below() {
    [[ $BASH_SUBSHELL != 0 ]]
}

# Forget what the core answered: it has changed something since, or a command is to try again.
__dctx_forget() {
    __dctx_k_seen=() __dctx_seen='' __dctx_said=''
}

# Evaluate what the core quoted. No DEBUG trap hears of it: functrace is off.
__dctx_evaluate() { command eval "$1"; }
