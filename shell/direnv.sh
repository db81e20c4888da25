# shellcheck disable=SC2154  # __dctx_m_direnv is in the header that scripts.py writes
# direnv.sh: `use dokploy NAME` for direnv's .envrc. Sourced by ~/.config/direnv/direnvrc, which is
# bash. The same as `export DOKPLOY_PROFILE=NAME`, but says so where no name is given.
use_dokploy() {
    if [ -z "${1-}" ]; then
        printf '%s\n' "$__dctx_m_direnv" >&2
        return 1
    fi
    export DOKPLOY_PROFILE="$1"
}
