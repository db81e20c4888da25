# copy.sh: a variable of the session and its copy. copy.bash and copy.zsh have __dctx_exported.
# shellcheck shell=bash

# Make the variable $2 what $1 is: unset; or of its value, and exported if and only if $1 is. Only assignments are
# evaluated: aliases would be expanded.
__dctx_copy() {
    local is=''
    unset "$2"
    eval "is=\${$1+x}"
    [[ -n $is ]] || return 0
    eval "$2=\$$1"
    if __dctx_exported "$1"; then export "${2?}"; fi
}
