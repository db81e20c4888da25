# ask.fish: ask the core, and do what it answers. Loaded with session.fish.

# Ask the core what to do (prompt, switch NAME, off, back): one process, which sees what every child of this shell
# sees. The answer stands in __dctx_a_*. Status 1: there is none. An answer counts only if it is whole.
function __dctx_ask
    set -eg $__dctx_l_answer
    set -l words _hook --shell fish --prev=$__dctx_prev
    test -z "$__dctx_gone"; or set -a words --gone
    set -l text
    if test $argv[1] = prompt
        set text (__dctx_core $words prompt 2>/dev/null | string collect)
        set -g __dctx_code $pipestatus[1]
    else
        set text (__dctx_core $words $argv | string collect)
    end
    string match -q '*__dctx_a_done*' -- $text; or return
    eval $text
    test "$__dctx_a_done" = 1; or return
    set -g __dctx_prev $__dctx_a_prev
    set -g __dctx_known ''
    test -z "$__dctx_a_dir"; or set -g __dctx_known "$DOKPLOY_CONFIG_DIR"
    return 0
end

# Do what the answer says to the session, show the rest, and remember it.
function __dctx_take
    for name in $__dctx_l_owned
        string match -q "* $name *" " $__dctx_a_restore "; and __dctx_copy $__dctx_saved$name $name
    end
    test "$__dctx_a_session" = set -o -z "$__dctx_a_profile"; or set -gx __dctx_n_profile $__dctx_a_profile
    switch "$__dctx_a_session"
        case end
            set -eg $__dctx_l_saved __dctx_n_session
        case rest
            set -gx __dctx_n_session $__dctx_a_memory
        case set
            test -z "$__dctx_a_save"; or __dctx_save
            __dctx_export $__dctx_a_profile $__dctx_a_url "$__dctx_a_key" "$__dctx_a_org" "$__dctx_a_org_id" \
                $__dctx_a_memory
    end
    set -l bond __dctx_same
    __dctx_fresh
    if not test -n "$__dctx_a_gen" -a "$__dctx_stamp" = "$__dctx_dir/index/.stamp.$__dctx_a_gen"
        set bond __dctx_none
        if not test "$__dctx_dir" = "$__dctx_a_dir"; or not __dctx_none
            set bond __dctx_anyway # no file tells when this answer becomes wrong
            set __dctx_a_until (builtin math (__dctx_now) + $__dctx_retry)
        end
    end
    set -l changed $__dctx_a_session
    set -l shown $bond "$__dctx_a_until" $__dctx_a_level "$__dctx_a_name" "$__dctx_a_segment" "$__dctx_a_state" \
        "$__dctx_a_shown"
    set -eg $__dctx_l_answer
    # The key that was just exported is part of the fingerprint.
    __dctx_fingerprint
    __dctx_settle $shown
    # A universal variable that has come back the core did not see: the next prompt looks anew.
    set -qU $__dctx_l_owned
    if test $status = $__dctx_owned_count -o -z "$changed"
        set -g __dctx_kept "$__dctx_look$__dctx_us$__dctx_stamp" $shown $__dctx_kept[1..56]
    else
        set -g __dctx_seen ''
    end
end

# Before a first switch keep a copy of each variable that it replaces; by presence, so that empty and unset return.
function __dctx_save
    set -eg $__dctx_l_saved
    set -q $__dctx_l_owned
    test $status = $__dctx_owned_count; and return
    for name in $__dctx_l_owned
        __dctx_copy $name $__dctx_saved$name
    end
end
