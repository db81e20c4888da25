# ask.bash: what ask.sh wants of bash.
# shellcheck shell=bash disable=SC2154

# Status 0: the variable $1 cannot be changed, or is no plain text. (`${!1@a}` says nothing of one without a value.)
__dctx_fixed() {
    local kind=''
    [[ $__dctx_bash -lt 404 ]] || eval "kind=\${$1@a}"
    [[ $kind == *[!x]* ]] || ! __dctx_writable "$1"
}

# Evaluate what the core quoted. No DEBUG trap hears of it: functrace is off.
__dctx_evaluate() { eval "$1"; }
