# ask.bash: what ask.sh wants of bash.
# shellcheck shell=bash disable=SC2154

# Status 0: the variable $1 cannot be changed, or is a list.
__dctx_fixed() {
    ! __dctx_writable "$1" || [[ $__dctx_bash -ge 404 && ${!1@a} == *[aA]* ]]
}

# Evaluate what the core quoted. No DEBUG trap hears of it: functrace is off.
__dctx_evaluate() { eval "$1"; }
