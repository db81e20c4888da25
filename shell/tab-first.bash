# tab-first.bash: what of Tab an interactive bash has from the start: who completes `dctx` and `dokploy`.
# shellcheck shell=bash disable=SC2154,SC2034

# Tab comes with the rest of the hook, at the first Tab.
__dctx_at_tab() { ! __dctx_load tab || "$@"; }
__dctx_complete() { __dctx_calmly __dctx_at_tab __dctx_tab "$@"; }
__dctx_dokploy() { __dctx_calmly __dctx_at_tab __dctx_tab_dokploy "$@"; }

# Complete dokploy by __dctx_dokploy, which passes on to a function that does so already. What that is called only
# `complete -p` tells: a process, the first time, for those who have one.
__dctx_wrap() {
    local spec
    [[ -z ${__dctx_inner+x} ]] || return 0
    if ! complete -p dokploy >/dev/null 2>&1; then
        __dctx_inner=
        complete -o bashdefault -o default -F __dctx_dokploy dokploy
    else
        spec=$(complete -p dokploy)
        [[ $spec == *' -F '* ]] || return 0
        __dctx_inner=${spec##* -F }
        __dctx_inner=${__dctx_inner%% *}
        eval "${spec/ -F $__dctx_inner / -F __dctx_dokploy }"
    fi
}

if [[ $- == *i* ]]; then
    complete -F __dctx_complete dctx
    __dctx_wrap
fi
