# leave.sh: dctx was uninstalled under this terminal, so nothing of it may stay here. By then no file can be loaded and
# no core asked, so a terminal keeps this, copy.* and leave.bash or leave.zsh in memory, as a text.
# shellcheck shell=bash disable=SC2154,SC2086

# End the session as `dctx off` does: what somebody changed since the switch stays. Then remove what is ours.
__dctx_leave() {
    local IFS=' ' us="$__dctx_us" session="${__dctx_n_session-}"
    if [[ -z $session ]]; then
        printf '%s\n' "$__dctx_m_uninstalled" >&2
    else
        [[ $session != "${__dctx_n_profile-}$us"* ]] || __dctx_copy __dctx_n_saved_profile __dctx_n_profile
        [[ $session != *"$us${__dctx_n_url-}$us"* ]] || __dctx_copy __dctx_n_saved_url __dctx_n_url
        [[ $session != *"$us${__dctx_n_key-}" ]] || __dctx_copy __dctx_n_saved_key __dctx_n_key
        [[ -n ${__dctx_n_token+x} ]] || __dctx_copy __dctx_n_saved_token __dctx_n_token
        __dctx_copy __dctx_n_saved_org __dctx_n_org
        __dctx_copy __dctx_n_saved_org_id __dctx_n_org_id
        printf '%s\n' "$__dctx_m_session_over" >&2
    fi
    unset $__dctx_l_scrubbed
    __dctx_remove
}
