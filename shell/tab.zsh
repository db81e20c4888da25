# tab.zsh: Tab in zsh, and what its sessions seldom need. Comes with __dctx_more, after switch.sh; loaded
# under zsh emulation.

__dctx_shell=zsh

__dctx_say() {
    builtin print -ru2 -- "dctx: $1"
}

# Blank in __dctx_v_* what is set but not exported.
__dctx_hide() {
    local name
    for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DOKPLOY_CONFIG_DIR; do
        (( ! ${(P)+name} )) || __dctx_exported $name || __dctx_blank $name
    done
}

__dctx_exported() {
    [[ ${(Pt)1} == *export* ]]
}

# Status 0: a variable of the session is readonly; it is named in __dctx_reply. (A failing `unset`
# would end a script.)
__dctx_locked() {
    [[ ${(t)DOKPLOY_PROFILE}${(t)DOKPLOY_URL}${(t)DOKPLOY_API_KEY}${(t)DOKPLOY_AUTH_TOKEN}${(t)DCTX_ORG}${(t)DCTX_ORG_ID}${(t)_DCTX_SESSION} == *readonly* ]] || return 1
    for __dctx_reply in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG \
        DCTX_ORG_ID _DCTX_SESSION; do
        [[ ${(Pt)__dctx_reply} == *readonly* ]] && return 0
    done
    return 0
}

# Names for Tab: the index's own files, so no process.
__dctx_names() {
    local -a names
    local expl __dctx_hush=1
    __dctx_ready || return 1
    names=($__dctx_idx/*(N:t) ${(ps:\x1f:)"$(<$__dctx_idx/.others)"})
    _wanted -V profiles expl profile compadd -a names
}

# The first word is a name; or a command, where nothing is typed or no name begins like that.
_dctx_tab() {
    setopt local_options $_comp_options
    local -a commands
    case $CURRENT:${words[2]-} in
        2:*)
            __dctx_names && [[ -n $PREFIX ]] && return
            commands=(${(f)__dctx_commands})
            _describe -t commands command commands
            ;;
        3:rename | 3:exec) __dctx_names ;;
        *:(--|switch|use|rm|remove|env|protect|unprotect|verify|rotate)) __dctx_names ;;
        *:exec)
            local skip=$words[(i)--]
            (( skip < CURRENT )) || skip=3
            shift $skip words
            (( CURRENT -= skip ))
            _normal
            ;;
        *:import) _files ;;
    esac
}

# `dokploy --profile NAME`; the rest is left to whoever completed dokploy before us.
_dctx_tab_dokploy() {
    setopt local_options $_comp_options
    if (( ${words[(i)--]} >= CURRENT )); then
        if [[ ${words[CURRENT-1]} == --profile ]] || compset -P '--profile='; then
            __dctx_names
            return
        fi
    fi
    ${__dctx_inner:-_default} "$@"
}
__dctx_whole=1
