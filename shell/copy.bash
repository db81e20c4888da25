# copy.bash: what copy.sh wants of bash.
# shellcheck shell=bash disable=SC2154

# Status 0: the variable $1 is exported. No list ever is.
__dctx_exported() {
    if [[ $__dctx_bash -ge 404 ]]; then
        [[ ${!1@a} == *x* && ${!1@a} != *[aA]* ]]
    else
        compgen -A export -X "!$1" -- "$1" >/dev/null
    fi
}
