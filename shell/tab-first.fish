# tab-first.fish: what of Tab a fish has from the start: who completes `dctx` and `dokploy`.

# Print what the function of tab.fish offers. By split0, since without an IFS fish would take the lines for one.
function __dctx_offer
    set -l fish_trace
    __dctx_need __dctx_tab tab; and $argv | string join0 | string split0
end

builtin complete -c dctx -e
builtin complete -c dctx -f -k -a '(__dctx_offer __dctx_tab)'
builtin complete -c dctx -n 'set -l words (builtin commandline -opc | string split \n); test "$words[2]" = import' -F
builtin complete -c dokploy -k -a '(__dctx_offer __dctx_tab_cli)'
builtin complete -c dokploy -l profile -x -a '(__dctx_offer __dctx_values)' -d $__dctx_m_tab_profile
