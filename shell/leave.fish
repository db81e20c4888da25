# leave.fish: dctx was uninstalled under this terminal, so nothing of it may stay here. By then no file can be loaded
# and no core asked, so a terminal keeps this and copy.fish in memory, as a text.

# End the session as `dctx off` does: what somebody changed since the switch stays. Then remove what is ours.
function __dctx_leave
    set -l IFS \n # without one fish takes lines for one word
    set -l us $__dctx_us
    set -l session $__dctx_n_session
    if test -z "$session"
        builtin printf '%s\n' $__dctx_m_uninstalled >&2
    else
        set -l is (string escape --style=regex -- "$__dctx_n_profile" "$__dctx_n_url" "$__dctx_n_key")
        string match -qr -- "^$is[1]$us" $session; and __dctx_copy __dctx_n_saved_profile __dctx_n_profile
        string match -qr -- "$us$is[2]$us" $session; and __dctx_copy __dctx_n_saved_url __dctx_n_url
        string match -qr -- "$us$is[3]\z" $session; and __dctx_copy __dctx_n_saved_key __dctx_n_key
        set -q __dctx_n_token; or __dctx_copy __dctx_n_saved_token __dctx_n_token
        __dctx_copy __dctx_n_saved_org __dctx_n_org
        __dctx_copy __dctx_n_saved_org_id __dctx_n_org_id
        builtin printf '%s\n' $__dctx_m_session_over >&2
    end
    for each in fish_mode_prompt:__dctx_mode_prompt fish_prompt:__dctx_user_prompt
        set -l pair (string split : $each)
        __dctx_described $pair[1]; or continue
        builtin functions -e $pair[1]
        builtin functions -c $pair[2] $pair[1]
    end
    # fish can erase all completions of a command, not one.
    builtin complete -c dctx -e
    builtin complete -c dokploy -e
    builtin functions -e dctx (builtin functions -an | string match '__dctx_*')
    set -eg $__dctx_l_scrubbed (set -gn | string match '__dctx_*')
end
