# tab-first.zsh: what of Tab an interactive zsh has from the start: who completes `dctx` and `dokploy`.

# zsh has no Tab to register with until somebody runs compinit.
__dctx_register() {
    (( $+functions[compdef] )) || return 0
    compdef _dctx dctx
    [[ ${_comps[dokploy]-} == _dctx_dokploy ]] || __dctx_inner=${_comps[dokploy]-}
    compdef _dctx_dokploy dokploy
}

# Tab comes with the rest of the hook, at the first Tab.
_dctx() { __dctx_load tab && _dctx_tab "$@" }
_dctx_dokploy() { __dctx_load tab && _dctx_tab_dokploy "$@" }

[[ ! -o interactive ]] || __dctx_register
